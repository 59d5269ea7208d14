import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { performance } from 'node:perf_hooks';
import { stringify } from 'yaml';
import { readCredential, writeCredential } from '../../source/credentials/credential.ts';
import { slowMilliseconds } from '../../source/demo/disturbances.ts';
import { type Demo, startDemo } from '../../source/demo/index.ts';
import { parseProfileName } from '../../source/profiles/profile-name.ts';
import { clientGoSays } from '../../test/helpers/client-go.ts';
import type { Home } from '../../test/helpers/home.ts';
import { sampleProfile } from '../../test/helpers/profiles.ts';
import { personSignsIn, startProgram } from '../../test/helpers/program.ts';
import { ratio } from './cached-path.ts';
import { type Figure, type Measurement, median } from './harness.ts';
import { benchHome, plugin } from './profiles.ts';

const name = parseProfileName('prod');

export const manyCallers = measurementOf(
  100,
  'many-callers',
  `${methodOf(100)} The 1.3 is for the latter.`,
  1.3,
);
export const callers500 = measurementOf(500, 'callers-500', methodOf(500), undefined);

function methodOf(callers: number): string {
  return `${callers} processes, each with a parent of its own, start the plugin at once; until the last of them has its token, against one that is alone. The issuer is the embedded platform's, on the same machine: first as it answers by itself, within milliseconds, where the start of ${callers} shells is most of the time; then with each answer of its token endpoint held back for ${slowMilliseconds / 1000} seconds, as a busy one across a network may.`;
}

function measurementOf(
  callers: number,
  name: string,
  method: string,
  target: number | undefined,
): Measurement {
  return {
    name,
    title: `${callers} callers at once, with a token that is over`,
    method,
    async run(context) {
      const home = await benchHome(context);
      const demo = await startDemo({ only: { clusters: ['red-prod'], identityProviders: ['corporate'] } });
      context.after(() => demo.close());
      const info = await signedIn(demo, home);
      const figures: Figure[] = [];
      for (const issuer of ['at once', 'in two seconds'] as const) {
        const alone: number[] = [];
        const together: number[] = [];
        const requests: number[] = [];
        const rounds = Math.max(3, Math.ceil(context.runs / 10));
        for (let round = 0; round < rounds; round++) {
          for (const [count, times] of [
            [1, alone],
            [callers, together],
          ] as const) {
            await expire(home);
            demo.forgetRequests();
            if (issuer === 'in two seconds') demo.faults.set('issuerToken', 'slow');
            times.push(await call(count, home, info));
            demo.faults.clear();
            if (count === callers) requests.push(demo.requestsTo('portal', '/dex/token').length);
          }
        }
        const answering = `issuer answers ${issuer}`;
        figures.push(
          { what: `one renewal, ${answering}`, value: median(alone), unit: 'ms' },
          { what: `${callers} callers, ${answering}`, value: median(together), unit: 'ms' },
          ratio(
            `${callers} callers / one renewal, ${answering}`,
            median(together) / median(alone),
            issuer === 'at once' ? undefined : target,
          ),
          {
            what: `requests to the issuer, most, ${answering}`,
            value: Math.max(...requests),
            unit: 'requests',
            target: 1,
          },
        );
      }
      return figures;
    },
  };
}

/** A login at the issuer as a person does it, with a session in a file; and what kubectl says for its profile. */
async function signedIn(demo: Demo, home: Home): Promise<string> {
  const { issuer, ca, clients } = demo.document;
  const { server, ca: serverCa, audience } = demo.cluster('red-prod');
  const clusters = [{ name, server, ca: serverCa, audience: { dexClient: audience } }];
  const client = { id: clients.public };
  const portalFile = { apiVersion: 'dkp-auth/v1', kind: 'PortalFile', issuer, ca, client, clusters };
  await writeFile(home.path('portal.yaml'), stringify(portalFile));
  const which = ['--portal-file', 'portal.yaml', '--cluster', name, '--method', '2', '--profile', name];
  const how = ['--sign-in', 'browser', '--credential-store', 'file', '--idp', 'corporate', '--no-browser'];
  const program = startProgram(['login', ...which, ...how], { env: home.env, cwd: home.folder });
  await personSignsIn(program, demo, demo.user('ada'));
  const { code, stderr } = await program.ended;
  if (code !== 0) throw new Error(`the login failed:\n${stderr}`);
  const profile = sampleProfile(name, server);
  return clientGoSays({ cluster: { ...profile.cluster, ca: serverCa } });
}

async function expire({ paths }: Home): Promise<void> {
  const credential = await readCredential(paths, name);
  if (credential === undefined) throw new Error('nothing was renewed');
  const expiresAt = Math.floor(Date.now() / 1000) - 1;
  await writeCredential(paths, name, { ...credential, issuedAt: expiresAt - 3600, expiresAt });
}

/** Starts so many callers at once; milliseconds until the last one was served. */
async function call(count: number, home: Home, info: string): Promise<number> {
  const answers = home.path('answers');
  await writeFile(answers, '');
  const one = `("${plugin}" --profile ${name} >>"${answers}" || echo failed >>"${answers}") &`;
  const script = [...Array.from({ length: count }, () => one), 'wait'].join('\n');
  const begin = performance.now();
  const shell = spawn('/bin/sh', ['-c', script], {
    env: { ...home.env, KUBERNETES_EXEC_INFO: info },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  await once(shell, 'close');
  const time = performance.now() - begin;
  const lines = (await readFile(answers, 'utf8')).trimEnd().split('\n');
  const tokens = new Set(lines);
  if (lines.length !== count || tokens.size !== 1 || tokens.has('failed')) {
    throw new Error(`${lines.length} answers, ${tokens.size} of them different, for ${count} callers`);
  }
  return time;
}
