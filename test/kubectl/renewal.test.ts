import assert from 'node:assert/strict';
import fs from 'node:fs/promises';
import path from 'node:path';
import { after, before, beforeEach, describe, it } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { stringify } from 'yaml';
import { demoForTests } from '../demo/helpers.ts';
import { backgroundRenewals } from '../helpers/background.ts';
import { temporaryHome } from '../helpers/home.ts';
import { kubectl, runKubectl, storedToken } from '../helpers/kubectl.ts';
import { toOneCluster } from '../helpers/portal-file.ts';
import { personSignsIn, startProgram } from '../helpers/program.ts';
import { openTerminal } from '../terminal/harness/terminal.ts';

const cluster = 'red-prod';

describe('a profile that renews itself, under kubectl', async () => {
  const demo = await demoForTests({ tokenLifetimeSeconds: 3600 });
  const home = await temporaryHome({ after });
  const kubeconfig = `--kubeconfig=${home.path('kube', `${cluster}.yaml`)}`;
  const credential = path.join(home.paths.credentials, `${cluster}.json`);
  const pods = () => runKubectl([kubeconfig, 'get', 'pods', '-A'], { env: home.env });
  const refreshes = () =>
    demo.requests.filter(({ method, path: asked }) => method === 'POST' && asked.startsWith('/dex/token'))
      .length;

  async function logIn(): Promise<void> {
    const { issuer, ca, clients } = demo.document;
    const { server, ca: serverCa, audience } = demo.cluster(cluster);
    const clusters = [{ name: cluster, server, ca: serverCa, audience: { dexClient: audience } }];
    const portalFile = {
      apiVersion: 'dkp-auth/v1',
      kind: 'PortalFile',
      issuer,
      ca,
      client: { id: clients.public },
      clusters,
    };
    await fs.writeFile(home.path('portal.yaml'), stringify(portalFile));
    const where = toOneCluster(home.path('portal.yaml'), cluster);
    const how = ['--sign-in', 'browser', '--credential-store', 'file', '--idp', 'corporate', '--sign-in-now'];
    const program = startProgram(['login', ...where, ...how], { env: home.env });
    await personSignsIn(program, demo, demo.user('ada'));
    const { code, stderr } = await program.ended;
    assert.equal(code, 0, stderr);
  }

  /** Makes the stored token look as if this much of its hour were left. */
  async function leave(seconds: number): Promise<void> {
    const stored = JSON.parse(await fs.readFile(credential, 'utf8'));
    const expiresAt = Math.floor(Date.now() / 1000) + seconds;
    await fs.writeFile(credential, JSON.stringify({ ...stored, expiresAt, issuedAt: expiresAt - 3600 }));
  }

  /** Has the API server answer as Kubernetes does to a token that it does not take. */
  function rejects(isMeant: (token: string) => boolean): void {
    const [reason, code] = ['Unauthorized', 401];
    const status = { kind: 'Status', apiVersion: 'v1', status: 'Failure', reason, message: reason, code };
    demo.faults.intercept(
      /./,
      ({ request, response }) => {
        if (!isMeant(request.headers.authorization?.replace('Bearer ', '') ?? '')) return false;
        response.writeHead(code, { 'content-type': 'application/json' });
        response.end(JSON.stringify(status));
        return true;
      },
      { server: cluster },
    );
  }

  before(logIn);
  beforeEach(async () => {
    demo.faults.clear();
    demo.forgetRequests();
    // Each test begins long after the one before.
    for (const name of ['flights', 'rejections', 'callers']) {
      await fs.rm(home.path('state', name), { recursive: true, force: true });
    }
    await fs.mkdir(home.paths.callers);
  });

  it('is answered while its token is renewed in the background: kubectl waits for no pipe of that process', async test => {
    await leave(300);
    const before = await storedToken(home, cluster);
    const { promise: release, resolve } = Promise.withResolvers<boolean>();
    test.after(() => resolve(false));
    demo.faults.intercept(/^POST \/dex\/token/, () => release);
    const { code, stderr } = await pods();
    assert.deepEqual([code, stderr], [0, '']);
    const renewals = await backgroundRenewals(home);
    assert.equal(renewals.size, 1, 'kubectl has waited for the renewal, or there is none');
    assert.equal(await storedToken(home, cluster), before);
    resolve(false);
    const deadline = performance.now() + 20_000;
    while ((await storedToken(home, cluster)) === before && performance.now() < deadline) await wait(50);
    assert.notEqual(await storedToken(home, cluster), before);
    assert.equal((await pods()).code, 0);
    assert.equal(refreshes(), 1);
  });

  it('with a token that is over, twenty kubectl at once cost the issuer one request', async () => {
    await leave(-10);
    const ended = await Promise.all(Array.from({ length: 20 }, pods));
    assert.deepEqual([...new Set(ended.map(({ code, stderr }) => `${code} ${stderr}`))], ['0 ']);
    assert.equal(refreshes(), 1);
  });

  it('gets another token when the API server rejects the one it has, once', async () => {
    const rejected = await storedToken(home, cluster);
    rejects(token => token === rejected);
    // Discovery asks several times, so kubectl may get through with the second token already.
    await pods();
    assert.notEqual(await storedToken(home, cluster), rejected);
    assert.equal(refreshes(), 1);
    const next = await pods();
    assert.deepEqual([next.code, next.stderr], [0, '']);
  });

  it('says why it may be, when the API server rejects every token, and renews no more', async () => {
    rejects(() => true);
    const renewing = await pods();
    assert.equal(renewing.code, 1);
    const refused = await pods();
    assert.equal(refused.code, 1);
    assert.match(refused.stderr, /must be logged in to the server|Unauthorized/);
    assert.match(
      refused.stderr,
      /^dkp-auth: 127\.0\.0\.1:\d+ seems to reject the token of "red-prod".* for the audience red-prod/m,
    );
    assert.equal(refused.stderr.match(/seems to reject/g)?.length, 1, refused.stderr);
    assert.equal(refreshes(), 1);
  });

  it('talks to the person at the terminal though stderr leads elsewhere', async test => {
    await leave(-10);
    for (const file of await fs.readdir(home.path('state', 'sessions'))) {
      if (!file.endsWith('.json')) continue;
      await fs.writeFile(home.path('state', 'sessions', file), '');
    }
    const browser = home.path('browser');
    await fs.writeFile(browser, '#!/bin/sh\n', { mode: 0o755 });
    const terminal = openTerminal(test, {
      command: 'sh',
      args: ['-c', '"$@" >"$OUT" 2>"$ERR"', 'sh', kubectl, kubeconfig, 'get', 'pods', '-A'],
      env: { ...home.env, BROWSER: browser, OUT: home.path('out'), ERR: home.path('err') },
    });
    const isAddress = (line: string) => /^https:\S+connector_id=corporate/.test(line);
    await terminal.waitFor(() => terminal.logicalLines().some(isAddress));
    await demo.signIn(terminal.logicalLines().find(isAddress) ?? '', demo.user('ada'));
    assert.deepEqual(await terminal.exit, { code: 0 });
    assert.match(await fs.readFile(home.path('out'), 'utf8'), /^NAMESPACE +NAME/);
    assert.doesNotMatch(await fs.readFile(home.path('err'), 'utf8'), /https:/);
  });
});
