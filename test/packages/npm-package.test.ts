import assert from 'node:assert/strict';
import fs from 'node:fs/promises';
import path from 'node:path';
import { before, describe, test } from 'node:test';
import { execa } from 'execa';
import { defineProgram } from '../../source/commands/program.ts';
import { temporaryFolder, temporaryHome } from '../helpers/home.ts';
import { needs } from '../helpers/shells.ts';
import { fakeStreams } from '../helpers/streams.ts';

const root = path.join(import.meta.dirname, '..', '..');
const dist = path.join(root, 'dist');

type Packed = { filename: string; files: { path: string; mode: number }[] };
type Bill = {
  bomFormat: string;
  components: { name: string; version: string; purl: string; licenses: { expression: string }[] }[];
};

/** Licences that let their code be handed on under Apache-2.0. */
const permissive =
  /^(MIT|ISC|0BSD|BSD-2-Clause|BSD-3-Clause|Apache-2\.0|Unlicense|BlueOak-1\.0\.0|CC0-1\.0|Python-2\.0)$/;

async function pack(folder: string): Promise<Packed> {
  const { stdout } = await execa(
    'npm',
    ['pack', '--json', '--ignore-scripts', '--pack-destination', folder],
    {
      cwd: root,
      env: { npm_config_update_notifier: 'false' },
      timeout: 60_000,
    },
  );
  const [packed] = Object.values(JSON.parse(stdout) as Record<string, Packed>);
  assert.ok(packed);
  return packed;
}

describe('the npm package', () => {
  let bill: Bill;
  before(async () => {
    bill = JSON.parse(await fs.readFile(path.join(dist, 'sbom.cdx.json'), 'utf8'));
  });

  test('holds what runs, and what has to go with it, and nothing else', async t => {
    const { files } = await pack(await temporaryFolder(t));
    const others = files.map(file => file.path).filter(file => !/^dist\/chunk-[\w-]+\.js$/.test(file));
    for (const file of others) {
      assert.match(
        file,
        /^(package\.json|README\.md|LICENSE|CHANGELOG\.md|dist\/[\w-]+(\.js)?|dist\/THIRD-PARTY-LICENCES\.txt|dist\/sbom\.cdx\.json|dist\/dkp-auth\.1)$/,
      );
    }
    for (const { path: file } of files) {
      const text = await fs.readFile(path.join(root, file), 'utf8');
      assert.equal(text.includes(root), false, `${file} tells where it was built`);
      assert.doesNotMatch(text, /sourceMappingURL/);
    }
    const executable = files.filter(({ mode }) => (mode & 0o111) !== 0).map(file => file.path);
    assert.ok(executable.includes('dist/cli.js') && executable.includes('dist/dkp-auth-token'));
  });

  test('says of every package in it which it is, and hands its licence on', async () => {
    assert.equal(bill.bomFormat, 'CycloneDX');
    const notice = await fs.readFile(path.join(dist, 'THIRD-PARTY-LICENCES.txt'), 'utf8');
    assert.ok(bill.components.length > 50);
    for (const { name, version, purl, licenses } of bill.components) {
      assert.equal(purl, `pkg:npm/${name.replace('@', '%40')}@${version}`);
      const [licence] = licenses;
      for (const each of (licence?.expression ?? '').split(/ (?:AND|OR) |[()]/).filter(Boolean))
        assert.match(each, permissive, name);
      const [, part = ''] = notice.split(`\n${name} ${version}\nLicence: ${licence?.expression}\n`);
      assert.match(part, /^\n[\s\S]*?(copyright|licen[cs]e)/i, `the licence of ${name} is not handed on`);
    }
    for (const expected of ['ink', 'openid-client', 'valibot', 'undici', 'yaml', 'commander']) {
      assert.ok(
        bill.components.some(({ name }) => name === expected),
        `${expected} is missing`,
      );
    }
  });

  test('has a manual page with every command and flag', async t => {
    const page = await fs.readFile(path.join(dist, 'dkp-auth.1'), 'utf8');
    const home = await temporaryHome(t);
    const { streams } = fakeStreams(home.env);
    const program = defineProgram(streams, new AbortController().signal);
    const plain = page.replaceAll('\\-', '-');
    for (const command of program
      .createHelp()
      .visibleCommands(program)
      .filter(each => each.name() !== 'help')) {
      assert.match(plain, new RegExp(`^\\.SS dkp-auth ${command.name()}\\b`, 'm'));
      for (const { flags } of command.options) assert.ok(plain.includes(`.B ${flags}`), flags);
    }
    assert.doesNotMatch(page, /__complete/);
  });

  test('has a manual page that man formats without a complaint', needs('groff'), async () => {
    const groff = await execa('groff', ['-man', '-Tutf8', '-ww', path.join(dist, 'dkp-auth.1')], {
      reject: false,
    });
    assert.equal(groff.exitCode, 0, groff.stderr);
    assert.equal(groff.stderr, '');
    assert.match(groff.stdout.replace(/\u001b\[[\d;]*m|.\u0008/g, ''), /dkp-auth logout \[profile\.\.\.\]/);
  });

  test('installed alone into an empty folder, it runs with nothing but node on PATH', async t => {
    const home = await temporaryHome(t);
    const { filename } = await pack(home.folder);
    await execa(
      'npm',
      [
        ...['install', '--global', '--prefix', home.path('prefix'), '--omit', 'optional', '--offline'],
        ...['--ignore-scripts', '--no-audit', '--no-fund', home.path(filename)],
      ],
      { cwd: home.folder, env: { ...home.env, npm_config_cache: home.path('npm') }, timeout: 100_000 },
    );
    await fs.mkdir(home.path('bin'));
    await fs.symlink(process.execPath, home.path('bin', 'node'));
    const run = (args: readonly string[]) =>
      execa(home.path('prefix', 'bin', 'dkp-auth'), args, {
        cwd: home.folder,
        env: { ...home.env, PATH: home.path('bin') },
        extendEnv: false,
        reject: false,
        stdin: 'ignore',
        timeout: 60_000,
      });
    const manifest = JSON.parse(await fs.readFile(path.join(root, 'package.json'), 'utf8')) as {
      version: string;
    };
    assert.equal((await run(['--version'])).stdout, manifest.version);
    // The main job, from the login link to API servers that answer.
    const played = await run(['demo', '--auto']);
    assert.equal(played.exitCode, 0, played.stderr);
    assert.match((await run(['status'])).stdout, /Run dkp-auth login/);
  });
});

test('two builds of the same source are the same bytes', async t => {
  const contents = async () => {
    const files = (await fs.readdir(dist)).sort();
    return Promise.all(
      files.map(async file => [file, await fs.readFile(path.join(dist, file), 'base64')] as const),
    );
  };
  const folder = await temporaryFolder(t);
  const first = await contents();
  // Built elsewhere: the tests beside this one use dist/.
  await execa(process.execPath, ['--import', 'tsx', 'scripts/build.ts', '--out', folder], {
    cwd: root,
    timeout: 100_000,
  });
  const files = (await fs.readdir(folder)).sort();
  const second = await Promise.all(
    files.map(async file => [file, await fs.readFile(path.join(folder, file), 'base64')] as const),
  );
  assert.deepEqual(
    second.map(([file]) => file),
    first.map(([file]) => file),
  );
  for (const [index, [file, content]] of second.entries())
    assert.equal(content === first[index]?.[1], true, file);
});
