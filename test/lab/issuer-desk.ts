import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { stringify } from 'yaml';
import { cli, type Ended, type Program, startProgram } from '../helpers/program.ts';
import { openTerminal, type Terminal } from '../terminal/harness/terminal.ts';
import { type Desk, deskAt, type Test } from './desk.ts';
import { issuerUrl } from './dex-login.ts';
import type { LabDocument } from './document.ts';
import { serverNamed } from './harness.ts';
import { type IssuerId, type LabUser, publicClient } from './world.ts';

/** The servers that take tokens for themselves alone; profiles and kubeconfigs are called like them. */
export const isolated = ['isolated-a', 'isolated-b'] as const;
export type Isolated = (typeof isolated)[number];

export const otherThan = (name: Isolated): Isolated => (name === 'isolated-a' ? 'isolated-b' : 'isolated-a');

type Options = { readonly env?: Readonly<Record<string, string>>; readonly input?: string | 'open' };

/** A desk whose person has an administrator's portal file for the isolated servers, with sign-in at one issuer. */
export type IssuerDesk = Desk & {
  readonly portalFile: string;
  /** `dkp-auth login` by flags for both clusters, or for one; nothing is asked. */
  signIn(way: string, flags: readonly string[], options?: Options & { cluster?: Isolated }): Program;
  signInByPassword(
    user: LabUser,
    flags?: readonly string[],
    options?: Pick<Options, 'env'> & { cluster?: Isolated },
  ): Promise<Ended>;
  /** The same with a person at the terminal. */
  signInAtTerminal(way: string, flags: readonly string[]): Terminal;
  /** What kubectl runs for a token, with nobody to ask. */
  plugin(profile: Isolated, options?: Options): Program;
  token(profile: Isolated, options?: Options): Promise<string>;
  /** Makes the stored token look over, so that the next call needs another. */
  expire(profile: Isolated): Promise<void>;
  sessions(): Promise<string[]>;
  run(args: readonly string[], options?: Options): Promise<Ended>;
};

export async function issuerDeskAt(test: Test, lab: LabDocument, issuer: IssuerId): Promise<IssuerDesk> {
  const desk = await deskAt(test, lab);
  const portalFile = desk.path('portal.yaml');
  await writeFile(portalFile, stringify(await portalFileFor(lab, issuer)));
  const info = await execInfo(lab);
  const plugin: IssuerDesk['plugin'] = (profile, { env = {}, ...options } = {}) =>
    startProgram(['token', '--profile', profile], {
      ...options,
      env: { ...desk.env, KUBERNETES_EXEC_INFO: info[profile], ...env },
    });
  const loginArgs = (way: string, flags: readonly string[], cluster?: Isolated) => {
    const which = cluster === undefined ? ['--all-clusters'] : ['--cluster', cluster];
    const how = ['--method', '2', '--yes', '--sign-in-now', '--sign-in', way];
    return ['login', '--portal-file', portalFile, ...which, ...how, ...flags];
  };
  const signIn: IssuerDesk['signIn'] = (way, flags, { cluster, env = {}, ...options } = {}) =>
    startProgram(loginArgs(way, flags, cluster), { ...options, env: { ...desk.env, ...env } });
  return {
    ...desk,
    portalFile,
    signIn,
    signInByPassword: (user, flags = [], options = {}) =>
      signIn('password', ['--username', user.login, '--password-fd', '0', ...flags], {
        ...options,
        input: `${user.password}\n`,
      }).ended,
    signInAtTerminal: (way, flags) =>
      openTerminal(test, {
        command: process.execPath,
        args: [cli, ...loginArgs(way, flags)],
        env: { ...desk.env },
        columns: 100,
        rows: 40,
      }),
    plugin,
    run: (args, { env = {}, ...options } = {}) =>
      startProgram(args, { ...options, env: { ...desk.env, ...env } }).ended,
    async expire(profile) {
      const file = desk.path('state', 'credentials', `${profile}.json`);
      const credential = JSON.parse(await readFile(file, 'utf8')) as object;
      await writeFile(file, JSON.stringify({ ...credential, expiresAt: 1 }), { mode: 0o600 });
    },
    async token(profile, options) {
      const ended = await plugin(profile, options).ended;
      assert.equal(ended.code, 0, ended.stderr);
      return (JSON.parse(ended.stdout) as { status: { token: string } }).status.token;
    },
    async sessions() {
      return (await desk.files()).filter(file => /^state\/sessions\/.*\.json$/.test(file));
    },
  };
}

async function portalFileFor(lab: LabDocument, issuer: IssuerId) {
  return {
    apiVersion: 'dkp-auth/v1',
    kind: 'PortalFile',
    issuer: issuerUrl(lab, issuer),
    ca: await readFile(lab.caFile, 'utf8'),
    client: { id: publicClient.id },
    clusters: await Promise.all(
      isolated.map(async name => {
        const { server, caFile, audience } = serverNamed(lab, name);
        return { name, server, ca: await readFile(caFile, 'utf8'), audience: { dexClient: audience } };
      }),
    ),
  };
}

async function execInfo(lab: LabDocument): Promise<Record<Isolated, string>> {
  const [a, b] = await Promise.all(
    isolated.map(async name => {
      const { server, caFile } = serverNamed(lab, name);
      const ca = (await readFile(caFile)).toString('base64');
      return JSON.stringify({
        apiVersion: 'client.authentication.k8s.io/v1',
        kind: 'ExecCredential',
        spec: { interactive: false, cluster: { server, 'certificate-authority-data': ca } },
      });
    }),
  );
  return { 'isolated-a': a ?? '', 'isolated-b': b ?? '' };
}
