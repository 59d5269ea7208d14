import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import fs from 'node:fs/promises';
import path from 'node:path';
import { describe, it } from 'node:test';
import { execa } from 'execa';
import { filesBelow, temporaryFolder, temporaryHome } from './helpers/home.ts';
import { runProgram } from './helpers/program.ts';

const root = path.join(import.meta.dirname, '..');
const read = (...parts: string[]) => fs.readFile(path.join(root, ...parts), 'utf8');

type Manifest = {
  readonly scripts: Record<string, string>;
  readonly dependencies?: Record<string, string>;
  readonly devDependencies: Record<string, string>;
  readonly optionalDependencies: Record<string, string>;
};
type Locked = {
  readonly resolved?: string;
  readonly integrity?: string;
  readonly link?: boolean;
  readonly version?: string;
  readonly inBundle?: boolean;
};

const manifest = JSON.parse(await read('package.json')) as Manifest;
const document = await read('docs', 'dependencies.md');

/** Package and reason, line by line, of the tables below a heading. */
function reasonsUnder(heading: string): Map<string, string> {
  const part = document.split(/^## /m).find(text => text.startsWith(`${heading}\n`)) ?? '';
  return new Map(
    [...part.matchAll(/^\| `([^`]+)` \| (.+) \|$/gm)].map(([, name = '', why = '']) => [name, why]),
  );
}

const bundled = async () => {
  const notices = await read('dist', 'THIRD-PARTY-LICENCES.txt');
  const parts = notices.split(/^-{80}\n/m).slice(1);
  return parts.map(part => {
    const [, name = '', version = '', licence = '', text = ''] =
      /^\n(\S+) (\S+)\nLicence: (.+)\n\n([\s\S]*)$/.exec(part) ?? [];
    return { name, version, licence, text };
  });
};

describe('dependencies', () => {
  it('each have a reason in docs/dependencies.md, and no reason outlives its package', async () => {
    const inProgram = reasonsUnder('In the program');
    const development = reasonsUnder('For development');
    const optional = reasonsUnder('Optional, beside the program');
    assert.deepEqual(
      [...inProgram.keys(), ...development.keys()].sort(),
      Object.keys(manifest.devDependencies).sort(),
    );
    assert.deepEqual([...optional.keys()], Object.keys(manifest.optionalDependencies));
    for (const [name, why] of [...inProgram, ...development, ...optional]) {
      assert.ok(why.length >= 20, `${name} needs a reason, not "${why}"`);
    }
    const names = (await bundled()).map(({ name }) => name);
    for (const name of inProgram.keys()) assert.ok(names.includes(name), `${name} is not in the program`);
    for (const name of development.keys()) {
      assert.ok(!names.includes(name), `${name} is in the program, though for development`);
    }
  });

  it('are bounded to a major, come from the registry, and are locked by a hash without an address', async () => {
    for (const [name, range] of Object.entries({
      ...manifest.devDependencies,
      ...manifest.optionalDependencies,
    })) {
      assert.match(range, /^[~^]\d+\.\d+\.\d+(-[\w.]+)?$/, `${name} ${range}`);
    }
    const lock = await read('package-lock.json');
    assert.ok(!/"resolved"|git\+/.test(lock), 'the lock file holds an address');
    const { packages } = JSON.parse(lock) as { packages: Record<string, Locked> };
    for (const [where, { integrity, link, version }] of Object.entries(packages)) {
      if (where === '') continue;
      assert.match(integrity ?? '', /^sha512-[\w+/]{86}==$/, where);
      assert.equal(link, undefined, where);
      assert.match(version ?? '', /^\d+\.\d+\.\d+/, where);
    }
    assert.match(await read('.npmrc'), /^omit-lockfile-registry-resolved=true$/m);
  });

  it('that are bundled have a licence that allows it, and bring its text', async () => {
    const allowed = [...(document.split('## Licences')[1]?.split('##')[0] ?? '').matchAll(/`([\w.-]+)`/g)];
    const known = new Set(allowed.map(([, licence = '']) => licence));
    assert.ok(known.has('MIT'));
    const parties = await bundled();
    assert.ok(parties.length > 50, 'the list of what is bundled cannot be whole');
    for (const { name, licence, text } of parties) {
      assert.ok(known.has(licence), `${name} is under ${licence}`);
      assert.match(text, /permi|licen[cs]e/i, name);
      assert.ok(text.length > 300, `${name} comes without its text`);
    }
  });
});

describe('what is published', () => {
  it('depends on nothing, and runs no script when it is installed', () => {
    assert.equal(manifest.dependencies, undefined);
    for (const hook of ['preinstall', 'install', 'postinstall', 'prepare', 'prepublish']) {
      assert.ok(!(hook in manifest.scripts), hook);
    }
  });

  it('runs from its files alone, without node_modules beside it', async test => {
    const home = await temporaryHome(test);
    const packed = await execa(
      'npm',
      ['pack', '--ignore-scripts', '--json', `--pack-destination=${home.folder}`],
      {
        cwd: root,
        env: { npm_config_offline: 'true' },
      },
    );
    const [{ filename, files }] = JSON.parse(packed.stdout) as [
      { filename: string; files: { path: string; mode: number }[] },
    ];
    for (const { path: file } of files) {
      assert.match(file, /^(dist\/[\w.-]+|README\.md|LICENSE|CHANGELOG\.md|package\.json)$/);
    }
    const into = home.path('installed');
    await fs.mkdir(into);
    await execa('tar', ['-xzf', home.path(filename), '-C', into]);
    const program = path.join(into, 'package', 'dist', 'cli.js');
    const ended = await runProgram(['demo', '--auto'], { env: home.env, program, cwd: into });
    assert.equal(ended.code, 0, ended.stderr);
  });

  it('is the same bytes when it is built again in another place, at another time, under another umask', async test => {
    const folder = path.join(await temporaryFolder(test), 'else', 'where');
    await fs.mkdir(folder, { recursive: true });
    for (const part of ['source', 'scripts', 'docs', 'package.json', 'tsconfig.json']) {
      await fs.cp(path.join(root, part), path.join(folder, part), { recursive: true });
    }
    await fs.symlink(path.join(root, 'node_modules'), path.join(folder, 'node_modules'));
    const build = [process.execPath, '--import', 'tsx', 'scripts/build.ts'];
    await execa('sh', ['-c', 'umask 077; exec "$@"', 'sh', ...build], {
      cwd: folder,
      env: { TZ: 'Pacific/Kiritimati', LANG: 'tr_TR.UTF-8', SOURCE_DATE_EPOCH: '1' },
    });
    assert.deepEqual(await hashesOf(path.join(folder, 'dist')), await hashesOf(path.join(root, 'dist')));
  });

  it('holds no path of the machine it was built on', async () => {
    const dist = path.join(root, 'dist');
    for (const file of await filesBelow(dist)) {
      assert.ok(!(await fs.readFile(path.join(dist, file), 'utf8')).includes(root), file);
    }
  });
});

async function hashesOf(folder: string): Promise<Record<string, string>> {
  const files = await filesBelow(folder);
  assert.ok(files.length > 10);
  const hash = async (file: string) =>
    [
      file,
      createHash('sha256')
        .update(await fs.readFile(path.join(folder, file)))
        .digest('hex'),
    ] as const;
  return Object.fromEntries(await Promise.all(files.map(hash)));
}
