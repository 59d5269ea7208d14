import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { before, describe, test } from 'node:test';
import { type RenewalStep, type RenewOptions, renewToken } from '../../../source/credentials/renew.ts';
import { openSecretStore } from '../../../source/credentials/secret-store.ts';
import { sessionOf } from '../../../source/credentials/session.ts';
import { keepSession, openSessions } from '../../../source/credentials/session-store.ts';
import { createHttpClient } from '../../../source/system/http.ts';
import type { RenewerPlan } from '../../credentials/renewer.ts';
import { startChild } from '../../helpers/child.ts';
import { temporaryHome } from '../../helpers/home.ts';
import { audienceScope, issuerUrl, passwordGrant } from '../dex-login.ts';
import type { LabDocument } from '../document.ts';
import { serverNamed, theLab, userNamed, whoami } from '../harness.ts';
import { issuerIds, publicClient } from '../world.ts';

const renewer = path.join(import.meta.dirname, '..', '..', 'credentials', 'renewer.ts');
const clusters = ['isolated-a', 'isolated-b'] as const;
const client = publicClient;
const scopes = ['openid', 'email', 'profile', 'groups', 'offline_access', ...clusters.map(audienceScope)];

let lab: LabDocument;
before(async () => {
  lab = await theLab();
});

for (const id of issuerIds) {
  describe(`sessions at ${id}`, () => {
    /** Each test has a person of its own: Dex keeps one refresh token for a person and client. */
    async function signedIn(t: { after(run: () => Promise<void>): void }, login: 'jane' | 'john' | 'eve') {
      const home = await temporaryHome(t);
      const issuer = issuerUrl(lab, id);
      const http = createHttpClient([await readFile(lab.caFile, 'utf8')]);
      t.after(() => http.close());
      const logIn = () =>
        passwordGrant(lab, { issuer: id, user: userNamed(login), client, scopes: scopes.slice(4) });
      const { claims, refreshToken } = await logIn();
      const account = { issuer, subject: String(claims['sub']), label: login };
      const token = { token: '', account, groups: [], audience: [], issuedAt: 0, expiresAt: 0 };
      const session = sessionOf({ issuer, clientId: client.id }, { token, refreshToken, scopes });
      assert.ok(session);
      const sessions = openSessions(home.paths, openSecretStore({ choice: 'file', env: home.env }));
      await keepSession(sessions, session);
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
      return { home, plan, renew, logIn };
    }

    test('one login, two tokens, each good for its own cluster and no other', async t => {
      const { renew } = await signedIn(t, 'jane');
      for (const cluster of clusters) {
        const renewal = await renew(cluster);
        assert.ok(renewal.kind === 'renewed', JSON.stringify(renewal));
        for (const other of clusters) {
          const who = await whoami(lab, serverNamed(lab, other), renewal.token.token);
          if (other === cluster) assert.ok('username' in who, JSON.stringify(who));
          else assert.match('error' in who ? who.error : '', /Unauthorized|logged in/);
        }
      }
    });

    test('killed after the answer and before it was stored, the session goes on with the token before', async t => {
      const { home, plan, renew } = await signedIn(t, 'john');
      const steps: RenewalStep[] = ['asked', 'answered', 'stored', 'checked'];
      for (const killAt of steps) {
        const child = startChild(t, renewer, [JSON.stringify({ ...plan, killAt })], home.env);
        assert.equal(await child.ended, 'SIGKILL');
        const renewal = await renew(clusters[1]);
        assert.equal(renewal.kind, 'renewed', `${killAt}: ${JSON.stringify(renewal)}`);
      }
    });

    test('forty renewals of two profiles by two processes lose no session', async t => {
      const { home, plan, renew } = await signedIn(t, 'john');
      const children = clusters.map(cluster =>
        startChild(t, renewer, [JSON.stringify({ ...plan, cluster, times: 20 })], home.env),
      );
      assert.deepEqual(await Promise.all(children.map(child => child.ended)), [0, 0]);
      for (const { lines } of children) {
        assert.deepEqual([...new Set(lines.map(line => line.split(' ')[0]))], ['renewed']);
        assert.equal(lines.length, 20);
      }
      assert.equal((await renew(clusters[0])).kind, 'renewed');
    });

    test('a later login elsewhere ends the session, and a login is what is asked for', async t => {
      const { renew, logIn } = await signedIn(t, 'eve');
      assert.equal((await renew(clusters[0])).kind, 'renewed');
      await logIn();
      const renewal = await renew(clusters[0]);
      assert.ok(renewal.kind === 'login-needed', JSON.stringify(renewal));
      assert.equal(renewal.reason, 'ended');
    });
  });
}
