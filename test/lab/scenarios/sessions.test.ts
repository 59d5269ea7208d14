import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { before, describe, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { inspect } from 'node:util';
import { type RenewalStep, type RenewOptions, renewToken } from '../../../source/credentials/renew.ts';
import { openSecretStore } from '../../../source/credentials/secret-store.ts';
import { sessionOf } from '../../../source/credentials/session.ts';
import { keepSession, openSessions } from '../../../source/credentials/session-store.ts';
import { unusedPort } from '../../../source/demo/ports.ts';
import { createHttpClient } from '../../../source/system/http.ts';
import type { RenewerPlan } from '../../credentials/renewer.ts';
import { startChild } from '../../helpers/child.ts';
import { temporaryFolder, temporaryHome } from '../../helpers/home.ts';
import { toolPath } from '../build.ts';
import { audienceScope, issuerUrl, passwordGrant } from '../dex-login.ts';
import type { LabDocument } from '../document.ts';
import { serverNamed, theLab, userNamed, whoami } from '../harness.ts';
import { answers } from '../probe.ts';
import { findTool } from '../tools.ts';
import { type IssuerId, issuerIds, publicClient } from '../world.ts';

const renewer = path.join(import.meta.dirname, '..', '..', 'credentials', 'renewer.ts');
const clusters = ['isolated-a', 'isolated-b'] as const;
const client = publicClient;
const scopes = ['openid', 'email', 'profile', 'groups', 'offline_access', ...clusters.map(audienceScope)];

type Test = { after(run: () => Promise<void>): void };

let theOne: LabDocument;
before(async () => {
  theOne = await theLab();
});

/** The lab, with an issuer beside its own that never takes a replaced refresh token again, as Dex is by default. */
async function withStrictDex(t: Test, id: IssuerId): Promise<LabDocument> {
  const folder = await temporaryFolder(t);
  const [port, telemetry] = [await unusedPort(), await unusedPort()];
  const issuer = `https://127.0.0.1:${port}/dex`;
  const config = JSON.parse(await readFile(path.join(theOne.folder, `${id}.json`), 'utf8'));
  Object.assign(config, {
    issuer,
    storage: { type: 'memory' },
    web: { ...config.web, https: `127.0.0.1:${port}` },
    telemetry: { http: `127.0.0.1:${telemetry}` },
    expiry: { idTokens: config.expiry.idTokens },
  });
  const file = path.join(folder, 'dex.json');
  await writeFile(file, JSON.stringify(config), { mode: 0o600 });
  const dex = spawn(toolPath(findTool(id)), ['serve', file], { stdio: 'ignore' });
  t.after(async () => {
    if (dex.exitCode === null && dex.kill('SIGKILL')) await once(dex, 'exit');
  });
  const ca = await readFile(theOne.caFile, 'utf8');
  for (let attempt = 0; !(await answers(`${issuer}/.well-known/openid-configuration`, { ca })); attempt++) {
    assert.ok(attempt < 200 && dex.exitCode === null, 'Dex does not start');
    await pause(50);
  }
  return { ...theOne, issuers: theOne.issuers.map(each => (each.id === id ? { ...each, issuer } : each)) };
}

for (const id of issuerIds) {
  describe(`sessions at ${id}`, () => {
    /** Each test has a person of its own: Dex keeps one refresh token for a person and client. */
    async function signedIn(t: Test, login: 'jane' | 'john' | 'eve', lab = theOne) {
      const home = await temporaryHome(t);
      const issuer = issuerUrl(lab, id);
      const http = createHttpClient([await readFile(lab.caFile, 'utf8')]);
      t.after(() => http.close());
      const grant = () =>
        passwordGrant(lab, { issuer: id, user: userNamed(login), client, scopes: scopes.slice(4) });
      const { claims, refreshToken } = await grant();
      const account = { issuer, subject: String(claims['sub']), label: login };
      const token = { token: '', account, groups: [], audience: [], issuedAt: 0, expiresAt: 0 };
      const session = sessionOf({ issuer, clientId: client.id }, { token, refreshToken, scopes });
      assert.ok(session);
      const sessions = openSessions(home.paths, openSecretStore({ choice: 'file', env: home.env }));
      await keepSession(sessions, session);
      const logIn = async () => {
        const { refreshToken: next = '' } = await grant();
        await keepSession(sessions, { ...session, refreshToken: next });
      };
      const plan: RenewerPlan = {
        issuer,
        caFile: lab.caFile,
        clientId: client.id,
        subject: account.subject,
        cluster: clusters[0],
        times: 1,
      };
      const renew = (cluster: string, more: Partial<RenewOptions> = {}) =>
        renewToken({
          http,
          client: { issuer, clientId: client.id, scopes: [], extraParameters: {}, tokenKind: 'id-token' },
          sessions,
          account,
          audience: { kind: 'dex-client', client: cluster },
          ...more,
        });
      return { home, plan, renew, logIn, logInElsewhere: grant };
    }

    test('one login, two tokens, each good for its own cluster and no other', async t => {
      const { renew } = await signedIn(t, 'jane');
      for (const cluster of clusters) {
        const renewal = await renew(cluster);
        assert.ok(renewal.kind === 'renewed', inspect(renewal));
        for (const other of clusters) {
          const who = await whoami(theOne, serverNamed(theOne, other), renewal.token.token);
          if (other === cluster) assert.ok('username' in who, JSON.stringify(who));
          else assert.match('error' in who ? who.error : '', /Unauthorized|logged in/);
        }
      }
    });

    const steps: RenewalStep[] = ['asked', 'answered', 'stored', 'checked'];

    test('killed at any point, the session goes on where the issuer takes the token before', async t => {
      const { home, plan, renew } = await signedIn(t, 'john');
      for (const killAt of steps) {
        const child = startChild(t, renewer, [JSON.stringify({ ...plan, killAt })], home.env);
        assert.equal(await child.ended, 'SIGKILL');
        const renewal = await renew(clusters[1]);
        assert.equal(renewal.kind, 'renewed', `${killAt}: ${inspect(renewal)}`);
      }
    });

    test('where it does not, only an answer that never reached the disk costs a login, and that is said', async t => {
      const { home, plan, renew, logIn } = await signedIn(t, 'john', await withStrictDex(t, id));
      for (const killAt of steps) {
        const child = startChild(t, renewer, [JSON.stringify({ ...plan, killAt })], home.env);
        assert.equal(await child.ended, 'SIGKILL');
        const renewal = await renew(clusters[1]);
        assert.equal(
          renewal.kind,
          killAt === 'answered' ? 'login-needed' : 'renewed',
          `${killAt}: ${inspect(renewal)}`,
        );
        if (killAt === 'answered') await logIn();
      }
    });

    test('twenty renewals of two profiles by two processes lose no session', async t => {
      const { home, plan, renew } = await signedIn(t, 'john');
      const children = clusters.map(cluster =>
        startChild(t, renewer, [JSON.stringify({ ...plan, cluster, times: 10 })], home.env),
      );
      assert.deepEqual(await Promise.all(children.map(child => child.ended)), [0, 0]);
      for (const { lines } of children) {
        assert.deepEqual([...new Set(lines.map(line => line.split(' ')[0]))], ['renewed']);
        assert.equal(lines.length, 10);
      }
      assert.equal((await renew(clusters[0])).kind, 'renewed');
    });

    test('a later login elsewhere ends the session, and a login is what is asked for', async t => {
      const { renew, logInElsewhere } = await signedIn(t, 'eve');
      assert.equal((await renew(clusters[0])).kind, 'renewed');
      await logInElsewhere();
      const renewal = await renew(clusters[0]);
      assert.ok(renewal.kind === 'login-needed', inspect(renewal));
      assert.equal(renewal.reason, 'ended');
    });
  });
}
