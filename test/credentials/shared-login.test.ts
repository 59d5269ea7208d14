import assert from 'node:assert/strict';
import { test } from 'node:test';
import { renewToken } from '../../source/credentials/renew.ts';
import { openSecretStore } from '../../source/credentials/secret-store.ts';
import { sessionOf } from '../../source/credentials/session.ts';
import { keepSession, openSessions } from '../../source/credentials/session-store.ts';
import { signInWithDevice } from '../../source/sign-in/device.ts';
import type { ClusterAudience } from '../../source/sign-in/issuer-client.ts';
import { connectIssuer } from '../../source/sign-in/issuer-connection.ts';
import { createHttpClient } from '../../source/system/http.ts';
import { askCluster, demoForTests } from '../demo/helpers.ts';
import { temporaryHome } from '../helpers/home.ts';

test('one device login, two clusters: each accepts its own token and answers 401 to the other one', async t => {
  const demo = await demoForTests({ deviceIntervalSeconds: 1 });
  const { env, paths } = await temporaryHome(t);
  const { issuer, ca, clients } = demo.document;
  const http = createHttpClient([ca]);
  t.after(() => http.close());
  const client = {
    issuer,
    clientId: clients.public,
    scopes: ['email', 'groups', 'offline_access'],
    extraParameters: {},
    tokenKind: 'id-token',
  } as const;
  const names = ['kubernetes-cluster', 'red-prod'] as const;
  const audienceOf = (name: string): ClusterAudience => ({
    kind: 'dex-client',
    client: demo.cluster(name).audience,
  });
  const signal = AbortSignal.timeout(20_000);
  const signedIn = await signInWithDevice(await connectIssuer(http, client, signal), {
    clusters: names.map(audienceOf),
    signal,
    showCode: ({ verificationUriComplete }) => {
      void demo.signIn(String(verificationUriComplete), demo.user('ada'));
    },
  });
  const session = sessionOf(client, signedIn);
  assert.ok(session);
  const sessions = openSessions(paths, openSecretStore({ choice: 'file', env }));
  await keepSession(sessions, session);
  for (let round = 1; round <= 2; round++) {
    const tokens = await Promise.all(
      names.map(async name => {
        const { account } = session;
        const renewal = await renewToken({
          http,
          client,
          sessions,
          account,
          audience: audienceOf(name),
          signal,
        });
        assert.ok(renewal.kind === 'renewed', JSON.stringify(renewal));
        return renewal.token.token;
      }),
    );
    for (const [number, name] of names.entries()) {
      const answers = tokens.map(token => askCluster(demo, name, '/api/v1/namespaces', token));
      const statuses = (await Promise.all(answers)).map(({ status }) => status);
      assert.deepEqual(statuses, number === 0 ? [200, 401] : [401, 200], `round ${round}, ${name}`);
    }
  }
});
