import assert from 'node:assert/strict';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { decodeJwt } from 'jose';
import { stringify } from 'yaml';
import { type Demo, startDemo } from '../../source/demo/index.ts';
import { temporaryHome } from '../helpers/home.ts';
import { jsonOf, personSignsIn, runProgram, startProgram } from '../helpers/program.ts';

type Outcome = {
  profiles: {
    name: string;
    signedIn: boolean;
    signIn: string;
    account: { label: string } | null;
    server: string;
  }[];
};

/** An administrator's file for three clusters of the demo, each with an audience of its own as far as it has one. */
async function portalFile(demo: Demo, folder: string): Promise<string> {
  const file = path.join(folder, 'portal.yaml');
  const names = ['kubernetes-cluster', 'red-prod'];
  const clusters = names.map(name => {
    const { server, ca, audience } = demo.cluster(name);
    return { name, server, ca, audience: { dexClient: audience } };
  });
  const { issuer, ca, clients } = demo.document;
  await writeFile(
    file,
    stringify({
      apiVersion: 'dkp-auth/v1',
      kind: 'PortalFile',
      issuer,
      ca,
      client: { id: clients.public },
      clusters,
    }),
  );
  return file;
}

const execInfo = (server: string, ca: string) =>
  JSON.stringify({
    apiVersion: 'client.authentication.k8s.io/v1',
    kind: 'ExecCredential',
    spec: {
      interactive: false,
      cluster: { server, 'certificate-authority-data': Buffer.from(ca).toString('base64') },
    },
  });

describe('a login at the issuer', () => {
  let demo: Demo;
  before(async () => {
    demo = await startDemo({ tokenLifetimeSeconds: 3600, deviceIntervalSeconds: 1 });
  });
  after(() => demo.close());

  for (const way of ['browser', 'device'] as const) {
    test(`by ${way}: one login, and each cluster gets a token that the others reject`, async t => {
      const home = await temporaryHome(t);
      const file = await portalFile(demo, home.folder);
      const program = startProgram(
        [
          'login',
          ...['--portal-file', file, '--all-clusters', '--method', '1', '--sign-in', way],
          ...['--profile', 'kubernetes-cluster=mgmt', '--profile', 'red-prod=prod'],
          ...['--idp', 'corporate', '--credential-store', 'file', '--json'],
        ],
        { env: home.env },
      );
      const which = way === 'device' ? 2 : 1;
      await personSignsIn(program, demo, demo.user('ada'), which);
      const ended = await program.ended;
      assert.equal(ended.code, 0, ended.stderr);
      const outcome = jsonOf<Outcome>(ended);
      assert.deepEqual(
        outcome.profiles.map(({ name, signedIn, signIn }) => ({ name, signedIn, signIn })),
        [
          { name: 'mgmt', signedIn: true, signIn: way },
          { name: 'prod', signedIn: true, signIn: way },
        ],
      );
      const tokens = await Promise.all(
        ['mgmt', 'prod'].map(async name => {
          const text = await readFile(path.join(home.paths.state, 'credentials', `${name}.json`), 'utf8');
          return (JSON.parse(text) as { token: string }).token;
        }),
      );
      assert.deepEqual([decodeJwt(tokens[0] ?? '').aud].flat().includes('red-prod'), false);
      assert.deepEqual([decodeJwt(tokens[1] ?? '').aud].flat().includes('kube-apiserver'), false);
      assert.deepEqual([decodeJwt(tokens[1] ?? '').aud].flat().includes('red-prod'), true);
      assert.equal(
        (await readdir(path.join(home.paths.state, 'sessions'))).filter(name => name.endsWith('.json'))
          .length,
        1,
      );
    });
  }

  test('a token that is over is renewed without the person, for its own cluster alone', async t => {
    const home = await temporaryHome(t);
    const file = await portalFile(demo, home.folder);
    const args = [
      'login',
      '--portal-file',
      file,
      '--cluster',
      'red-prod',
      '--method',
      '2',
      '--profile',
      'prod',
    ];
    const program = startProgram([...args, '--sign-in', 'browser', '--credential-store', 'file'], {
      env: home.env,
    });
    await personSignsIn(program, demo, demo.user('ada'));
    const ended = await program.ended;
    assert.equal(ended.code, 0, ended.stderr);
    const credential = path.join(home.paths.state, 'credentials', 'prod.json');
    const stored = JSON.parse(await readFile(credential, 'utf8')) as { token: string; expiresAt: number };
    await writeFile(credential, JSON.stringify({ ...stored, expiresAt: 1 }));
    const { server, ca } = demo.cluster('red-prod');
    demo.forgetRequests();
    const env = { ...home.env, KUBERNETES_EXEC_INFO: execInfo(server, ca) };
    const renewed = await runProgram(['token', '--profile', 'prod'], { env });
    assert.equal(renewed.code, 0, renewed.stderr);
    const { status } = jsonOf<{ status: { token: string } }>(renewed);
    assert.notEqual(status.token, stored.token);
    assert.equal([decodeJwt(status.token).aud].flat().includes('red-prod'), true);
    assert.equal(demo.requestsTo('portal', '/dex/token').length, 1);
    assert.equal(demo.requestsTo('portal', '/dex/auth').length, 0);
  });

  test('an issuer out of reach ends no session and opens no browser', async t => {
    const home = await temporaryHome(t);
    const file = await portalFile(demo, home.folder);
    const args = [
      'login',
      '--portal-file',
      file,
      '--cluster',
      'red-prod',
      '--method',
      '2',
      '--profile',
      'prod',
    ];
    const program = startProgram([...args, '--sign-in', 'browser', '--credential-store', 'file'], {
      env: home.env,
    });
    await personSignsIn(program, demo, demo.user('ada'));
    assert.equal((await program.ended).code, 0);
    const credential = path.join(home.paths.state, 'credentials', 'prod.json');
    const stored = JSON.parse(await readFile(credential, 'utf8')) as object;
    await writeFile(credential, JSON.stringify({ ...stored, expiresAt: 1 }));
    const { server, ca } = demo.cluster('red-prod');
    const env = { ...home.env, KUBERNETES_EXEC_INFO: execInfo(server, ca) };
    demo.faults.set('issuerToken', 'bad-gateway');
    t.after(() => demo.faults.clear());
    const offline = await runProgram(['token', '--profile', 'prod'], { env });
    assert.equal(offline.code, 1, offline.stderr);
    assert.equal(offline.stdout, '');
    demo.faults.clear();
    // As after the pause that follows a failure.
    await rm(path.join(home.paths.state, 'flights'), { recursive: true });
    const again = await runProgram(['token', '--profile', 'prod'], { env });
    assert.equal(again.code, 0, again.stderr);
  });

  test('auto says what it picked and why, and what the others would need', async t => {
    const home = await temporaryHome(t);
    const file = await portalFile(demo, home.folder);
    const args = [
      'login',
      '--portal-file',
      file,
      '--cluster',
      'red-prod',
      '--method',
      '2',
      '--profile',
      'prod',
    ];
    const program = startProgram([...args, '--credential-store', 'none'], { env: home.env });
    await program.saw(/Signing in by device, because a code can be entered in any browser/);
    await program.saw(/--sign-in browser: a browser on this machine/);
    await personSignsIn(program, demo, demo.user('ada'), 2);
    const ended = await program.ended;
    assert.equal(ended.code, 0, ended.stderr);
    await assert.rejects(readdir(path.join(home.paths.state, 'sessions')), { code: 'ENOENT' });
  });

  test('a flag of the issuer without an issuer is wrong usage', async t => {
    const home = await temporaryHome(t);
    const link = demo.document.loginLinks.global;
    const ended = await runProgram(['login', link, '--audience-scope'], { env: home.env });
    assert.equal(ended.code, 2);
    assert.match(ended.stderr, /--audience-scope goes with --client-id or --portal-file/);
  });
});
