import assert from 'node:assert/strict';
import fs from 'node:fs/promises';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { execa } from 'execa';
import { parse } from 'yaml';
import { releaseChangelog } from '../../scripts/changelog.ts';
import { checksumOf } from '../../scripts/checksums.ts';
import { temporaryFolder, temporaryHome } from '../helpers/home.ts';

const root = path.join(import.meta.dirname, '..', '..');
const version = '7.8.9';
const archive = `dkp-auth-linux-${process.arch}.tar.gz`;

/** A copy of the files as they are now, committed: the tree that is worked in is not asked for. */
async function committedCopy(folder: string): Promise<string> {
  const copy = path.join(folder, 'copy');
  await fs.mkdir(copy, { recursive: true });
  const { stdout } = await execa('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
    cwd: root,
  });
  for (const file of stdout.split('\0').filter(Boolean)) {
    await fs
      .cp(path.join(root, file), path.join(copy, file), { verbatimSymlinks: true })
      .catch(() => undefined);
  }
  const git = (...args: string[]) =>
    execa('git', ['-c', 'user.name=Test', '-c', 'user.email=test@example.com', ...args], { cwd: copy });
  await git('init', '--quiet');
  await borrowPackages(copy);
  await git('add', '--all');
  await git('commit', '--quiet', '--message', 'All');
  return copy;
}

async function borrowPackages(copy: string): Promise<void> {
  await fs.symlink(path.join(root, 'node_modules'), path.join(copy, 'node_modules'));
  await fs.appendFile(path.join(copy, '.git', 'info', 'exclude'), 'node_modules\n');
}

function runRelease(copy: string, out: string, args: readonly string[], env: Record<string, string> = {}) {
  const where = ['--published-at', 'https://example.com/dl', '--date', '2026-11-30', '--out', out];
  return execa(
    path.join(copy, 'scripts', 'release'),
    [...args, ...where, '--target', `linux-${process.arch}`],
    { env, reject: false, timeout: 300_000 },
  );
}

const release = (copy: string, out: string, env: Record<string, string> = {}) =>
  runRelease(copy, out, ['--dry-run', '--version', version], env);

describe('scripts/release --dry-run', async () => {
  const folder = await temporaryFolder({ after });
  let copy: string;
  let out: string;
  let told: string;

  before(async () => {
    copy = await committedCopy(folder);
    out = path.join(folder, 'first');
    const ended = await release(copy, out);
    assert.equal(ended.exitCode, 0, ended.stderr);
    told = ended.stdout;
  });

  it('makes the package, the executable, checksums of all, the SBOM and the manifest of krew', async () => {
    const files = (await fs.readdir(out)).sort();
    assert.deepEqual(files, [
      'SHA256SUMS',
      `dkp-auth-${version}.tgz`,
      archive,
      'dkp-auth.yaml',
      'install.sh',
      'sbom.cdx.json',
    ]);
    const checked = await execa('sha256sum', ['--check', '--strict', 'SHA256SUMS'], { cwd: out });
    assert.equal(checked.stdout.split('\n').length, files.length - 1);
    const { stdout } = await execa('tar', ['-tzf', archive], { cwd: out });
    assert.deepEqual(stdout.split('\n'), [
      'LICENSE',
      'THIRD-PARTY-LICENCES.txt',
      'dkp-auth',
      'dkp-auth-token',
      'sbom.cdx.json',
    ]);
    const bill = JSON.parse(await fs.readFile(path.join(out, 'sbom.cdx.json'), 'utf8'));
    assert.equal(bill.metadata.component.version, version);
  });

  it('gives krew what its schema wants: each archive by system, with its checksum and its program', async () => {
    const manifest = parse(await fs.readFile(path.join(out, 'dkp-auth.yaml'), 'utf8'));
    const { apiVersion, kind, metadata, spec } = manifest;
    assert.deepEqual(
      [apiVersion, kind, metadata.name, spec.version],
      ['krew.googlecontainertools.github.com/v1alpha2', 'Plugin', 'dkp-auth', `v${version}`],
    );
    assert.ok(spec.shortDescription.length > 0 && spec.shortDescription.length <= 50);
    assert.deepEqual(spec.platforms, [
      {
        selector: { matchLabels: { os: 'linux', arch: process.arch === 'x64' ? 'amd64' : process.arch } },
        uri: `https://example.com/dl/${archive}`,
        sha256: await checksumOf(path.join(out, archive)),
        bin: 'dkp-auth',
      },
    ]);
  });

  it('gives the same bytes again, elsewhere and under another umask, time zone and language', async () => {
    const other = path.join(folder, 'else', 'where');
    await execa('git', ['clone', '--quiet', copy, other]);
    await borrowPackages(other);
    const second = path.join(folder, 'second');
    const { umask } = process;
    const previous = umask.call(process, 0o077);
    const ended = await release(other, second, { TZ: 'Pacific/Kiritimati', LANG: 'tr_TR.UTF-8' });
    umask.call(process, previous);
    assert.equal(ended.exitCode, 0, ended.stderr);
    assert.equal(
      await fs.readFile(path.join(second, 'SHA256SUMS'), 'utf8'),
      await fs.readFile(path.join(out, 'SHA256SUMS'), 'utf8'),
    );
  });

  it('leaves the tree as it was, and prints what is to be pushed and published', async () => {
    const status = await execa('git', ['status', '--porcelain', '--ignored'], { cwd: copy });
    assert.equal(status.stdout.replace(/^!! node_modules$/m, ''), '');
    assert.equal((await execa('git', ['tag'], { cwd: copy })).stdout, '');
    assert.match(told, new RegExp(`git push origin HEAD v${version}\n`));
    assert.match(told, /npm publish .*\.tgz\n/);
  });

  it('refuses a tree with changes', async () => {
    await fs.appendFile(path.join(copy, 'README.md'), 'one more line\n');
    const refused = await release(copy, path.join(folder, 'third'));
    assert.equal(refused.exitCode, 1);
    assert.match(refused.stderr, /not committed:\n.*README\.md/);
    await assert.rejects(fs.access(path.join(folder, 'third')));
  });

  describe('install.sh', () => {
    const shells = ['dash', 'busybox sh', 'bash'];
    const install = (shell: string, args: readonly string[], home: string) => {
      const [command = '', ...first] = shell.split(' ');
      return execa(command, [...first, path.join(out, 'install.sh'), ...args], {
        env: { HOME: home, PATH: process.env['PATH'] ?? '' },
        extendEnv: false,
        reject: false,
      });
    };

    for (const shell of shells) {
      it(`installs to ~/.local/bin, run by ${shell}`, async t => {
        const { folder: home } = await temporaryHome(t);
        const { exitCode, stdout, stderr } = await install(shell, ['--from', out], home);
        assert.equal(exitCode, 0, stderr);
        const bin = path.join(home, '.local', 'bin');
        assert.match(stdout, new RegExp(`^Installed ${version} in ${bin}\\.\n.* is not on PATH`));
        assert.deepEqual((await fs.readdir(bin)).sort(), ['dkp-auth', 'dkp-auth-token', 'kubectl-dkp_auth']);
        const plugin = path.join(bin, 'konvoy-async-plugin');
        await install(shell, ['--from', out, '--konvoy-async-plugin'], home);
        const asked = await execa(plugin, ['-h'], { env: { HOME: home }, extendEnv: false, reject: false });
        assert.match(asked.stdout + asked.stderr, /konvoy-async-plugin/);
      });
    }

    it('installs nothing whose checksum is another, is not told, or is told twice', async t => {
      const { folder: home } = await temporaryHome(t);
      const odd = path.join(folder, 'odd');
      await fs.mkdir(odd);
      const sums = await fs.readFile(path.join(out, 'SHA256SUMS'), 'utf8');
      const refuses = async (list: string, why: RegExp) => {
        await fs.writeFile(path.join(odd, 'SHA256SUMS'), list);
        const { exitCode, stderr } = await install('dash', ['--from', odd], home);
        assert.equal(exitCode, 1);
        assert.match(stderr, why);
        await assert.rejects(fs.access(path.join(home, '.local')));
      };
      await fs.writeFile(path.join(odd, archive), 'something else');
      await refuses(sums, /is not what SHA256SUMS says .*Nothing was installed/);
      await refuses('', /does not have/);
      await refuses(sums + sums, /more than once/);
      await fs.rm(path.join(odd, archive));
      await refuses(sums, /is not to be had/);
      assert.equal((await install('dash', ['--from', 'http://example.com/dl'], home)).exitCode, 1);
      assert.equal((await install('dash', [], home)).exitCode, 2);
    });

    it('has nothing that shellcheck would warn of', async () => {
      await execa('shellcheck', ['--shell=sh', path.join(root, 'install.sh')]);
      await execa('shellcheck', [path.join(root, 'scripts', 'release')]);
    });
  });
});

describe('scripts/release, when it is meant', async () => {
  const folder = await temporaryFolder({ after });
  const clone = path.join(folder, 'clone');
  const out = path.join(folder, 'out');
  const identity = Object.fromEntries(
    ['AUTHOR', 'COMMITTER'].flatMap(role => [
      [`GIT_${role}_NAME`, 'Test'],
      [`GIT_${role}_EMAIL`, 'test@example.com'],
    ]),
  );
  let origin: string;
  let begun: string;
  const git = async (...args: string[]) => (await execa('git', args, { cwd: clone })).stdout;
  const releaseOf = (wanted: string) => runRelease(clone, out, ['--version', wanted], identity);

  before(async () => {
    origin = await committedCopy(folder);
    await execa('git', ['clone', '--quiet', origin, clone]);
    await borrowPackages(clone);
    begun = await git('rev-parse', 'HEAD');
  });

  it('refuses a tree with changes, and makes nothing', async () => {
    const file = path.join(clone, 'not-committed');
    await fs.writeFile(file, '');
    const refused = await releaseOf(version);
    assert.deepEqual([refused.exitCode, await git('tag')], [1, '']);
    assert.match(refused.stderr, /not committed:\n.*not-committed/);
    await assert.rejects(fs.access(out));
    await fs.rm(file);
  });

  it('commits the version and the changelog, tags that, and pushes nothing', async () => {
    const ended = await releaseOf(version);
    assert.equal(ended.exitCode, 0, ended.stderr);
    assert.equal(await git('log', '--format=%s', `${begun}..HEAD`), `Release ${version}`);
    assert.deepEqual((await git('diff', '--name-only', begun, 'HEAD')).split('\n'), [
      'CHANGELOG.md',
      'package-lock.json',
      'package.json',
    ]);
    assert.equal(await git('cat-file', '-t', `v${version}`), 'tag');
    assert.equal(await git('rev-list', '-n', '1', `v${version}`), await git('rev-parse', 'HEAD'));
    assert.equal(await git('status', '--porcelain'), '');

    const { packages, ...lock } = JSON.parse(await git('show', 'HEAD:package-lock.json'));
    const manifest = JSON.parse(await git('show', 'HEAD:package.json'));
    assert.deepEqual([manifest.version, lock.version, packages[''].version], [version, version, version]);
    const others = Object.entries(packages).filter(([name]) => name !== '');
    const before = Object.entries(JSON.parse(await git('show', `${begun}:package-lock.json`)).packages);
    assert.deepEqual(
      others,
      before.filter(([name]) => name !== ''),
    );
    const changelog = await git('show', 'HEAD:CHANGELOG.md');
    assert.match(changelog, new RegExp(`## Unreleased\n\n## ${version} \\(2026-11-30\\)\n\n- `));
    const former = await git('show', `${begun}:CHANGELOG.md`);
    assert.equal(changelog.replace(`\n## ${version} (2026-11-30)\n`, ''), former);

    const refs = await git('ls-remote', 'origin');
    assert.ok(
      refs.split('\n').every(ref => ref.startsWith(begun)),
      refs,
    );
    assert.ok((await fs.readdir(out)).includes(`dkp-auth-${version}.tgz`));
  });

  it('refuses a version that has a tag, and one without a change', async () => {
    const head = await git('rev-parse', 'HEAD');
    const again = await releaseOf(version);
    assert.equal(again.exitCode, 1);
    assert.match(again.stderr, new RegExp(`there is a tag v${version} already`));
    const empty = await releaseOf('7.9.0');
    assert.equal(empty.exitCode, 1);
    assert.match(empty.stderr, /nothing under Unreleased/);
    assert.deepEqual([await git('rev-parse', 'HEAD'), await git('tag')], [head, `v${version}`]);
  });
});

describe('the changelog of a release', () => {
  it('has what was under Unreleased under the version', () => {
    const text = '# Changelog\n\n## Unreleased\n\n- New.\n\n## 0.1.0 (2026-01-01)\n\n- Old.\n';
    assert.equal(
      releaseChangelog(text, '0.2.0', '2026-02-02'),
      '# Changelog\n\n## Unreleased\n\n## 0.2.0 (2026-02-02)\n\n- New.\n\n## 0.1.0 (2026-01-01)\n\n- Old.\n',
    );
    assert.throws(() => releaseChangelog(text.replace('- New.\n\n', ''), '0.2.0', '2026-02-02'), /nothing/);
  });
});
