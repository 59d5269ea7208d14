import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import fs from 'node:fs/promises';
import path from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { promisify } from 'node:util';
import { demoForTests } from '../demo/helpers.ts';
import { kubectlSays } from '../helpers/exec-info.ts';
import { type Home, temporaryHome } from '../helpers/home.ts';
import {
  callPlugin,
  keptTokens,
  leaveToken,
  platformToken,
  writeKonvoyKubeconfig,
} from '../helpers/konvoy.ts';
import { assertPlain } from '../helpers/plain-output.ts';
import { type Ended, jsonOf } from '../helpers/program.ts';

const run = promisify(execFile);
const user = 'default-profile';

describe('a token that the original plugin left', { concurrency: 4 }, async () => {
  const demo = await demoForTests();
  const ada = demo.user('ada');

  /** kubectl, with nobody to ask: what was left is all there is. */
  const says = (cluster: string | undefined) => {
    const { server, ca } = demo.cluster(cluster ?? 'red-lab');
    const none = cluster === undefined ? { cluster: null } : {};
    return kubectlSays({ cluster: { name: '', hostname: '', server, ca } }, none);
  };
  const call = (home: Home, cluster?: string, args: readonly string[] = []) =>
    callPlugin(demo, home, { args, env: says(cluster) }).ended;

  const given = ({ code, stdout, stderr }: Ended): string => {
    assert.deepEqual([code, stderr], [0, '']);
    return jsonOf<{ status: { token: string } }>({ stdout }).status.token;
  };

  async function assertNotTaken(home: Home, ended: Ended, why: RegExp): Promise<void> {
    assert.deepEqual([ended.code, ended.stdout], [3, ''], ended.stderr);
    assertPlain(ended.stderr);
    assert.match(ended.stderr, why);
    assert.equal((await keptTokens(home)).size, 0);
  }

  /** A home whose kubeconfig serves red-lab, and what was left for its profile. */
  async function left(t: TestContext, token = platformToken(demo, ada)) {
    const home = await temporaryHome(t);
    const kubeconfig = home.path('.kube', 'config');
    await writeKonvoyKubeconfig(demo, kubeconfig, [{ cluster: 'red-lab' }]);
    return { home, token, kubeconfig, file: await leaveToken(home, user, token) };
  }

  for (const cluster of ['red-lab', undefined]) {
    it(`is taken over by the one cluster that its profile serves, which kubectl ${cluster === undefined ? 'does not name' : 'names'}`, async t => {
      const { home, token, file } = await left(t);
      const [before, stat] = [await fs.readFile(file, 'utf8'), await fs.stat(file)];
      assert.equal(given(await call(home, cluster)), token);
      assert.deepEqual([...(await keptTokens(home)).keys()], [demo.cluster('red-lab').server]);
      // It is ours from now on: the original's file is neither needed nor touched.
      assert.equal(await fs.readFile(file, 'utf8'), before);
      assert.equal((await fs.stat(file)).mtimeMs, stat.mtimeMs);
      await fs.rm(file);
      assert.equal(given(await call(home, cluster)), token);
    });
  }

  it('is looked for where -token-dir says', async t => {
    const { home, token, file } = await left(t);
    await fs.rm(file);
    await leaveToken(home, user, token, { folder: home.path('elsewhere') });
    assert.equal((await call(home, 'red-lab')).code, 3);
    assert.equal(given(await call(home, 'red-lab', ['-token-dir', home.path('elsewhere')])), token);
  });

  type Case = { home: Home; token: string; kubeconfig: string; file: string };
  const files: Record<string, [(its: Case) => Promise<unknown>, RegExp]> = {
    'can be read by others': [({ file }) => fs.chmod(file, 0o644), /can be read or written by others/],
    'is a symbolic link': [
      async ({ file, home }) => {
        await fs.rename(file, home.path('token'));
        await fs.symlink(home.path('token'), file);
      },
      /is a symbolic link/,
    ],
    'is a folder': [
      async ({ file }) => {
        await fs.rm(file);
        await fs.mkdir(file);
      },
      /is not a regular file|EISDIR|illegal operation/,
    ],
    'is a pipe': [
      async ({ file }) => {
        await fs.rm(file);
        await run('mkfifo', ['-m', '600', file]);
      },
      /is not a regular file/,
    ],
    'holds no JSON': [({ file }) => fs.writeFile(file, 'token'), /holds no token/],
    'holds no token': [({ file }) => fs.writeFile(file, '{"status":{}}'), /holds no token/],
    'holds something else than a token': [
      ({ file }) => fs.writeFile(file, '{"status":{"token":"secret\\u001b[2J"}}'),
      /holds no token/,
    ],
    "lies in another profile's folder too": [
      ({ home, token }) => leaveToken(home, 'other-profile', token),
      /is the token of another profile too/,
    ],
    'lies there without a profile too': [
      ({ home, token }) => leaveToken(home, '', token),
      /is the token of another profile too/,
    ],
    'is of a profile that serves another cluster too': [
      ({ kubeconfig }) =>
        writeKonvoyKubeconfig(demo, kubeconfig, [{ cluster: 'red-lab' }, { cluster: 'blue-prod' }]),
      /is used for https:\S+, https:\S+/,
    ],
    'is of a profile that is also used at another platform': [
      ({ kubeconfig }) =>
        writeKonvoyKubeconfig(
          demo,
          kubeconfig,
          [{ cluster: 'red-lab' }, { cluster: 'blue-prod', user: 'b' }],
          document => {
            const [, other] = document['users'] as { user: { exec: { args: string[] } } }[];
            other?.user.exec.args.splice(
              0,
              2,
              '-auth-url=https://other.example.com/token/',
              `-kubeconfig-user=${user}`,
            );
          },
        ),
      /may be of another platform/,
    ],
    'is of a profile that no kubeconfig here uses': [
      ({ kubeconfig }) => fs.rm(kubeconfig),
      /no kubeconfig here tells/,
    ],
    'is of a profile that serves only another cluster': [
      ({ kubeconfig }) => writeKonvoyKubeconfig(demo, kubeconfig, [{ cluster: 'blue-prod' }]),
      /is used for https:/,
    ],
  };
  for (const [what, [change, why]] of Object.entries(files)) {
    it(`is not taken over when it ${what}`, async t => {
      const its = await left(t);
      await change(its);
      await assertNotTaken(its.home, await call(its.home, 'red-lab'), why);
    });
  }

  const now = Math.floor(Date.now() / 1000);
  const tokens: Record<string, [string, RegExp]> = {
    'has expired': [platformToken(demo, ada, { exp: now - 10 }), /has expired/],
    'is about to expire': [platformToken(demo, ada, { exp: now + 20 }), /has expired, or is about to/],
    "is signed by another key than the issuer's": [
      platformToken(demo, ada, {}, 'other-key'),
      /is not signed by the issuer's keys/,
    ],
    'is not signed': [platformToken(demo, ada, {}, 'unsigned'), /holds no token|proves nothing/],
    'is from another issuer': [
      platformToken(demo, ada, { iss: 'https://other.example/dex' }),
      /is not from https:\/\/127/,
    ],
    'is not meant for the cluster': [platformToken(demo, ada, { aud: 'red-prod' }), /is meant for red-prod/],
  };
  for (const [what, [token, why]] of Object.entries(tokens)) {
    it(`is not taken over when it ${what}`, async t => {
      const { home } = await left(t, token);
      await assertNotTaken(home, await call(home, 'red-lab'), why);
    });
  }

  it('is not taken over for a server that the platform does not list', async t => {
    const { home, kubeconfig } = await left(t);
    await writeKonvoyKubeconfig(demo, kubeconfig, [{ cluster: 'red-lab', server: 'https://127.0.0.1:9' }]);
    await assertNotTaken(home, await call(home), /which the platform does not list/);
  });

  it('is not taken over when it belongs to another account than the one it was before', async t => {
    const { home, file } = await left(t);
    given(await call(home, 'red-lab'));
    const [kept = ''] = (await home.files()).filter(name => /konvoy\/.*\.json$/.test(name));
    const record = JSON.parse(await fs.readFile(home.path(kept), 'utf8'));
    await fs.writeFile(home.path(kept), JSON.stringify({ ...record, expiresAt: 1 }));
    await leaveToken(home, user, platformToken(demo, demo.user('ravi')));
    const ended = await call(home, 'red-lab');
    assert.equal(ended.code, 3);
    assert.match(ended.stderr, /The token in \S+ is not used: it belongs to another account/);
    assert.ok(file.endsWith(path.join(user, 'token')));
  });

  it('of a profile that serves several clusters is taken over for all of them, and then for none alone', async t => {
    const { home, token, kubeconfig } = await left(t);
    await writeKonvoyKubeconfig(demo, kubeconfig, [{ cluster: 'red-lab' }, { cluster: 'blue-prod' }]);
    const shared = await call(home);
    assert.equal(shared.code, 0, shared.stderr);
    assert.equal(jsonOf<{ status: { token: string } }>(shared).status.token, token);
    assert.deepEqual([...(await keptTokens(home)).keys()], [null]);
    // Even when the kubeconfig has been mended since: the token has been at both.
    await writeKonvoyKubeconfig(demo, kubeconfig, [{ cluster: 'red-lab' }]);
    const alone = await call(home, 'red-lab');
    assert.equal(alone.code, 3);
    assert.match(alone.stderr, /was taken over for something else already/);
  });

  it('is taken over by one of two clusters at most, however they hurry', async t => {
    const { home, kubeconfig } = await left(t);
    const other = home.path('other.yaml');
    await writeKonvoyKubeconfig(demo, other, [{ cluster: 'blue-prod' }]);
    const with_ = (cluster: string, KUBECONFIG: string) =>
      callPlugin(demo, home, { env: { ...says(cluster), KUBECONFIG } }).ended;
    const ended = await Promise.all([with_('red-lab', kubeconfig), with_('blue-prod', other)]);
    assert.deepEqual(ended.map(({ code }) => code).sort(), [0, 3]);
    assert.equal((await keptTokens(home)).size, 1);
  });
});
