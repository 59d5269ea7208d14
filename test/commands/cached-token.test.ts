import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import fs from 'node:fs/promises';
import path from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { promisify } from 'node:util';
import { pathsOf } from '../../source/system/paths.ts';
import { cachedProfile, pluginWithoutNode, tokenOf } from '../helpers/cached-profile.ts';
import { clientGoSays } from '../helpers/client-go.ts';
import { filesBelow, type Home, temporaryHome } from '../helpers/home.ts';
import { cli } from '../helpers/program.ts';

const run = promisify(execFile);
const server = 'https://api.example.com:6443';

/** Tells on stderr which files of the program were loaded, and which of Node's modules besides those it starts with. */
const loaded = `
import { registerHooks } from 'node:module';
registerHooks({ load: (url, context, next) => {
  process.stderr.write('loaded ' + url.replace(/.*\\//, '') + '\\n');
  return next(url, context);
} });`;

type Call = { readonly env?: Record<string, string>; readonly args?: string[] };

async function ask(home: Home, info: string, { env = {}, args = ['--profile', 'prod'] }: Call = {}) {
  const flags = ['--import', `data:text/javascript,${encodeURIComponent(loaded)}`];
  const child = run(process.execPath, [...flags, cli, 'token', ...args], {
    env: { ...home.env, KUBERNETES_EXEC_INFO: info, ...env },
  });
  const { stdout, stderr } = await child.catch((error: { stdout: string; stderr: string }) => error);
  const files = [...stderr.matchAll(/^loaded (.*)$/gm)].map(match => match[1] ?? '');
  return { stdout, stderr, files: files.filter(file => !file.startsWith('text')) };
}

const tokenIn = (stdout: string) => JSON.parse(stdout).status.token;

async function prepared(test: TestContext) {
  const home = await temporaryHome(test);
  const prod = await cachedProfile(home, 'prod', server);
  return { home, prod, file: path.join(home.paths.credentials, 'prod.json') };
}

describe('dkp-auth token with a cached token', { concurrency: 4 }, () => {
  it('loads one file of the program, and none of its libraries', async t => {
    const { home, prod } = await prepared(t);
    for (const version of ['v1', 'v1beta1'] as const) {
      const { stdout, files } = await ask(home, clientGoSays(prod, { version }));
      assert.equal(tokenIn(stdout), tokenOf('prod'));
      assert.equal(JSON.parse(stdout).apiVersion, `client.authentication.k8s.io/${version}`);
      assert.deepEqual(
        files.filter(file => !/^(fs|module|path|node:.*)$/.test(file)),
        ['cli.js'],
      );
      await fs.rm(home.paths.callers, { recursive: true, force: true });
    }
  });

  it('that one file is small', async () => {
    const { size } = await fs.stat(cli);
    assert.ok(size < 16_000, `${size} bytes`);
  });

  it('without a second thought only once: who asks again within seconds gets one', async t => {
    const { home, prod } = await prepared(t);
    assert.deepEqual((await ask(home, clientGoSays(prod))).files.includes('main.js'), false);
    const again = await ask(home, clientGoSays(prod));
    assert.ok(again.files.includes('main.js'));
  });

  const doubts: Record<string, (given: Awaited<ReturnType<typeof prepared>>) => Promise<string | undefined>> =
    {
      'another server': async ({ prod }) => clientGoSays(prod, { cluster: { server: 'https://other' } }),
      'another authority': async ({ prod }) =>
        clientGoSays(prod, { cluster: { 'certificate-authority-data': 'AAAA' } }),
      'no cluster': async ({ prod }) => clientGoSays(prod).replace(/"cluster":\{.*\},/, ''),
      'a profile bound elsewhere': async ({ home, prod }) => {
        const cluster = { ...prod.cluster, server: 'https://other.example.com' };
        const text = JSON.stringify({ ...prod, cluster });
        await fs.writeFile(path.join(home.paths.profiles, 'prod.json'), text);
        return undefined;
      },
      'a profile of another account': async ({ home, prod }) => {
        const account = { ...prod.account, subject: 'eve' };
        await fs.writeFile(path.join(home.paths.profiles, 'prod.json'), JSON.stringify({ ...prod, account }));
        return undefined;
      },
      'a file that others may read': async ({ file }) => void (await fs.chmod(file, 0o644)),
      'a damaged file': async ({ file }) => void (await fs.truncate(file, 500)),
      'a token that is due': async ({ home }) => {
        const now = Math.floor(Date.now() / 1000);
        const times = { issuedAt: now - 3600, expiresAt: now + 20 };
        await cachedProfile(home, 'prod', server, times);
        return undefined;
      },
    };
  for (const [what, doubt] of Object.entries(doubts)) {
    it(`takes a second look at ${what}, and serves nothing for it`, async t => {
      const given = await prepared(t);
      const info = (await doubt(given)) ?? clientGoSays(given.prod);
      const { stdout, files } = await ask(given.home, info);
      assert.ok(files.includes('main.js'));
      assert.equal(stdout, '');
    });
  }

  it('serves another way to write the cluster after a second look, and the next time without', async t => {
    const { home, prod } = await prepared(t);
    const plugin = await pluginWithoutNode(home);
    const info = clientGoSays(prod, { cluster: { server: 'https://API.example.com:6443/' } });
    const first = await ask(home, info);
    assert.ok(first.files.includes('main.js'));
    assert.equal(tokenIn(first.stdout), tokenOf('prod'));
    for (const file of await filesBelow(home.paths.callers)) {
      if (/\.\d+$/.test(file)) await fs.rm(path.join(home.paths.callers, file));
    }
    const env = { ...home.env, KUBERNETES_EXEC_INFO: info };
    assert.equal(tokenIn((await run('sh', [plugin, '--profile', 'prod'], { env })).stdout), tokenOf('prod'));
    await fs.rm(path.join(home.paths.callers, `prod.${process.pid % 64}`));
    const second = await ask(home, info);
    assert.ok(!second.files.includes('main.js'));
    assert.equal(tokenIn(second.stdout), tokenOf('prod'));
  });

  it('vouches for a profile that was changed and still fits, so that the shell serves it again', async t => {
    const { home, prod } = await prepared(t);
    const plugin = await pluginWithoutNode(home);
    const profile = path.join(home.paths.profiles, 'prod.json');
    const later = Date.now() / 1000 + 100.5;
    await fs.utimes(profile, later, later);
    const env = { ...home.env, KUBERNETES_EXEC_INFO: `${clientGoSays(prod).trimEnd()}` };
    const shell = () => run('sh', [plugin, '--profile', 'prod'], { env });
    assert.match((await shell()).stdout, /^Node was started/);
    await run(process.execPath, [cli, 'token', '--profile', 'prod'], {
      env: { ...env, KUBERNETES_EXEC_INFO: JSON.stringify(JSON.parse(env.KUBERNETES_EXEC_INFO), null, 1) },
    });
    await fs.rm(path.join(home.paths.callers, `prod.${process.pid % 64}`));
    assert.equal(tokenIn((await shell()).stdout), tokenOf('prod'));
  });
});

describe('compiled code', { concurrency: 4 }, () => {
  const version = (env: Record<string, string | undefined>, program = cli) =>
    run(process.execPath, [program, '--version'], { env });

  async function home(test: TestContext) {
    const { folder, env } = await temporaryHome(test);
    const { NODE_DISABLE_COMPILE_CACHE: _, ...rest } = env;
    return { folder, env: rest, state: pathsOf(rest).state };
  }

  it('is kept in a private folder once a login has left one', async t => {
    const { env, state, folder } = await home(t);
    await version(env);
    assert.deepEqual(await filesBelow(folder), []);
    await fs.mkdir(state, { mode: 0o700 });
    await version(env);
    assert.ok((await filesBelow(state)).length > 0);
    assert.equal((await fs.stat(path.join(state, 'compiled'))).mode & 0o777, 0o700);
    await version(env);
  });

  it('is not kept where the person forbids it, or where others could write', async t => {
    const { env, state } = await home(t);
    await fs.mkdir(state, { mode: 0o700 });
    await version({ ...env, NODE_DISABLE_COMPILE_CACHE: '1' });
    assert.deepEqual(await filesBelow(state), []);
    await fs.chmod(state, 0o770);
    await version(env);
    await fs.chmod(state, 0o700);
    await fs.mkdir(path.join(state, 'compiled'), { recursive: true });
    await fs.chmod(path.join(state, 'compiled'), 0o777);
    await version(env);
    assert.deepEqual(await filesBelow(state), []);
  });

  it('cannot be kept: nothing fails', async t => {
    const { env, state } = await home(t);
    await fs.mkdir(state, { mode: 0o700 });
    await fs.writeFile(path.join(state, 'compiled'), '');
    assert.match((await version(env)).stdout, /^\d/);
    await fs.rm(path.join(state, 'compiled'));
    await fs.mkdir(path.join(state, 'compiled'), { mode: 0o500 });
    assert.match((await version(env)).stdout, /^\d/);
  });
});
