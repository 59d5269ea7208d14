import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { execa } from 'execa';
import { releaseChangelog } from './changelog.ts';
import { archiveOf, checksumOf, checksumsOf } from './checksums.ts';
import { type Archive, krewManifest } from './krew-manifest.ts';

const root = path.join(import.meta.dirname, '..');
// Modes of files go into archives.
process.umask(0o022);
const help = `Makes a release into a folder: npm package, executables, checksums, SBOM, manifest for krew, install.sh.
Nothing leaves this machine; what is to be pushed and published is printed.

Usage: scripts/release --version X.Y.Z --published-at URL [--dry-run] [--target T]... [--out FOLDER] [--date YYYY-MM-DD]

  --published-at URL   where the archives will be, for the manifest of krew
  --target T           of build:executable; linux-x64 and linux-arm64 otherwise
  --dry-run            leaves the tree and its tags as they are; without it, version and changelog are committed and tagged
`;

const { values } = parseArgs({
  options: {
    version: { type: 'string' },
    'published-at': { type: 'string' },
    target: { type: 'string', multiple: true, default: ['linux-x64', 'linux-arm64'] },
    out: { type: 'string', default: path.join(root, 'release') },
    date: { type: 'string', default: new Date().toISOString().slice(0, 10) },
    'dry-run': { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

if (values.help) process.stdout.write(help);
else {
  try {
    await release();
  } catch (error) {
    process.stderr.write(`release: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  }
}

async function release(): Promise<void> {
  const { version, 'published-at': address, target: targets, date } = values;
  if (version === undefined || !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version))
    throw new Error('--version X.Y.Z is missing.');
  if (address === undefined || !/^https:\/\/\S+[^/\s]$/.test(address)) {
    throw new Error('--published-at https://… is missing, without a slash at its end.');
  }
  const tag = `v${version}`;
  await assertReady(tag);
  const out = path.resolve(values.out);
  const scratch = await mkdtemp(path.join(os.tmpdir(), 'dkp-auth-release-'));
  try {
    // What was committed, and nothing that happens to lie beside it.
    const source = path.join(scratch, 'source');
    await mkdir(source);
    await execa('tar', ['-xf', '-', '-C', source], {
      inputFile: await committed(scratch),
    });
    await symlink(path.join(root, 'node_modules'), path.join(source, 'node_modules'));
    const changed = await setVersion(source, version, date);
    await rm(out, { recursive: true, force: true });
    await mkdir(out, { recursive: true });
    await build(source, out, targets);
    const archives: Archive[] = [];
    for (const target of targets) {
      const file = await archiveOf(
        path.join(source, 'dist-exe', target),
        path.join(out, `dkp-auth-${target}.tar.gz`),
      );
      archives.push({ target, file, sha256: await checksumOf(path.join(out, file)) });
    }
    const { description } = JSON.parse(await readFile(path.join(source, 'package.json'), 'utf8'));
    await writeFile(
      path.join(out, 'dkp-auth.yaml'),
      krewManifest({ version, description, address, archives }),
    );
    await writeFile(path.join(out, 'SHA256SUMS'), await checksumsOf(out));
    if (!values['dry-run']) {
      for (const file of changed) await cp(path.join(source, file), path.join(root, file));
      await git('commit', '--quiet', '--message', `Release ${version}`, '--', ...changed);
      await git('tag', '--annotate', tag, '--message', `dkp-auth ${version}`);
    }
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
  process.stdout.write(nextSteps(out, tag, version));
}

async function git(...args: string[]): Promise<string> {
  return (await execa('git', args, { cwd: root })).stdout;
}

async function assertReady(tag: string): Promise<void> {
  const changes = await git('status', '--porcelain');
  if (changes !== '') throw new Error(`the tree has changes that are not committed:\n${changes}`);
  if ((await git('tag', '--list', tag)) !== '') throw new Error(`there is a tag ${tag} already.`);
}

async function committed(scratch: string): Promise<string> {
  const file = path.join(scratch, 'source.tar');
  await git('archive', '--format=tar', `--output=${file}`, 'HEAD');
  return file;
}

/** @returns the files that were changed */
async function setVersion(source: string, version: string, date: string): Promise<string[]> {
  const change = async (file: string, edit: (text: string) => string) => {
    const place = path.join(source, file);
    await writeFile(place, edit(await readFile(place, 'utf8')));
    return file;
  };
  const first = (text: string) => text.replace(/"version": "[^"]+"/, `"version": "${version}"`);
  return [
    await change('package.json', first),
    // Its own version is there twice, ahead of everybody else's.
    await change('package-lock.json', text =>
      text.replace(/^[\s\S]*?"packages": \{\s+"": \{[\s\S]*?"version": "[^"]+"/, head =>
        head.replaceAll(/"version": "[^"]+"/g, `"version": "${version}"`),
      ),
    ),
    await change('CHANGELOG.md', text => releaseChangelog(text, version, date)),
  ];
}

async function build(source: string, out: string, targets: readonly string[]): Promise<void> {
  const run = (script: string, ...args: string[]) =>
    execa(process.execPath, ['--import', 'tsx', `scripts/${script}`, ...args], { cwd: source });
  await run('build.ts');
  await run('build-executable.ts', ...targets.flatMap(target => ['--target', target]));
  await execa('npm', ['pack', '--silent', '--ignore-scripts', '--pack-destination', out], { cwd: source });
  await cp(path.join(source, 'dist', 'sbom.cdx.json'), path.join(out, 'sbom.cdx.json'));
  await cp(path.join(source, 'install.sh'), path.join(out, 'install.sh'));
}

function nextSteps(out: string, tag: string, version: string): string {
  return `The release is in ${out}.
To be done by you, after a look at it:
  git push origin HEAD ${tag}
  npm publish ${path.join(out, `dkp-auth-${version}.tgz`)}
  publish the archives, SHA256SUMS, sbom.cdx.json and install.sh of that folder at ${values['published-at']}
  offer dkp-auth.yaml to the index of krew
`;
}
