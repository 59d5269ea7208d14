import { chmod, copyFile, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { build } from 'esbuild';
import { execa } from 'execa';
import manifest from '../package.json' with { type: 'json' };
import { billOfMaterials } from './bill-of-materials.ts';
import { bundling, requireBanner, root } from './bundling.ts';
import { noticesOf, type ThirdParty, thirdPartiesIn } from './third-party.ts';

/** Each has a package of Node's executable in the registry. */
const targets = ['linux-x64', 'linux-arm64', 'darwin-x64', 'darwin-arm64', 'win-x64'] as const;
type Target = (typeof targets)[number];

const { values } = parseArgs({
  options: {
    target: { type: 'string', multiple: true },
    out: { type: 'string', default: path.join(root, 'dist-exe') },
    help: { type: 'boolean', default: false },
  },
});
const own = `${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}`;

if (values.help) {
  process.stdout.write(
    `Makes executables that have Node in them. Usage: npm run build:executable [-- --target ${targets.join('|')}]... [--out FOLDER]\n`,
  );
} else {
  const wanted = (values.target ?? [own]).map(parseTarget);
  const scratch = await mkdtemp(path.join(os.tmpdir(), 'dkp-auth-build-'));
  try {
    const bundle = await bundleInto(scratch);
    for (const target of wanted) await buildFor(target, bundle, scratch);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

function parseTarget(text: string): Target {
  const target = targets.find(candidate => candidate === text);
  if (target === undefined)
    throw new Error(`--target takes ${targets.join(', ')}; "${text}" is none of them.`);
  return target;
}

type Bundle = { readonly file: string; readonly parties: readonly ThirdParty[] };

/** One file: an executable of Node's has nothing else to load from. */
async function bundleInto(folder: string): Promise<Bundle> {
  const file = path.join(folder, 'executable.mjs');
  const { metafile } = await build({
    ...bundling,
    entryPoints: ['source/executable.ts'],
    outfile: file,
    target: 'node26',
    // As in build.ts.
    keepNames: true,
    banner: { js: requireBanner },
    // Without it secrets are kept in files; keyring.ts says so.
    external: ['@napi-rs/keyring'],
    plugins: [
      {
        name: 'no-devtools',
        setup({ onResolve, onLoad }) {
          onResolve({ filter: /^react-devtools-core$/ }, ({ path: name }) => ({
            path: name,
            namespace: 'none',
          }));
          onLoad({ filter: /./, namespace: 'none' }, () => ({ contents: 'export default undefined' }));
        },
      },
    ],
  });
  return { file, parties: await thirdPartiesIn([metafile], root) };
}

async function buildFor(target: Target, bundle: Bundle, scratch: string): Promise<void> {
  const node = await nodeFor(target, scratch);
  const folder = path.join(path.resolve(values.out), target);
  const isWindows = target.startsWith('win');
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  const output = path.join(folder, isWindows ? 'dkp-auth.exe' : 'dkp-auth');
  const config = path.join(scratch, `${target}.json`);
  await writeFile(
    config,
    JSON.stringify({
      // It is kept in the executable, and must not tell where that was built.
      main: path.basename(bundle.file),
      mainFormat: 'module',
      executable: node.executable,
      output,
      disableExperimentalSEAWarning: true,
      // What V8 keeps of compiled code differs from one build to the next.
      useCodeCache: false,
      // NODE_OPTIONS is meant for the Node that a person has, not for this one.
      execArgvExtension: 'none',
    }),
  );
  await execa(process.execPath, ['--build-sea', path.basename(config)], {
    cwd: scratch,
    stdout: 'ignore',
    env: { NODE_OPTIONS: '' },
  });
  await chmod(output, 0o755);
  if (target.startsWith('darwin')) await sign(output);
  const parties = [...bundle.parties, node.party];
  await writeFile(path.join(folder, 'THIRD-PARTY-LICENCES.txt'), noticesOf(parties));
  await writeFile(path.join(folder, 'sbom.cdx.json'), billOfMaterials(manifest, parties));
  await copyFile(path.join(root, 'LICENSE'), path.join(folder, 'LICENSE'));
  if (!isWindows) {
    const launcher = path.join(folder, 'dkp-auth-token');
    await copyFile(path.join(root, 'source', 'token.sh'), launcher);
    await chmod(launcher, 0o755);
  }
  process.stdout.write(`${output}\n`);
}

/** macOS runs nothing on Apple's processors that is not signed, if only by whoever made it. */
async function sign(file: string): Promise<void> {
  if (process.platform === 'darwin') await execa('codesign', ['--sign', '-', '--force', file]);
  else process.stderr.write(`${file} has to be signed on a Mac: codesign --sign - --force FILE\n`);
}

/** Node's executable for a system, of the version that runs this, with its licence: installed, or else from the registry. */
async function nodeFor(target: Target, scratch: string): Promise<{ executable: string; party: ThirdParty }> {
  const name = `node-${target}`;
  const version = process.versions.node;
  let folder = path.join(root, 'node_modules', 'node', 'node_modules', name);
  const installed = await readFile(path.join(folder, 'package.json'), 'utf8').catch(() => undefined);
  if (installed === undefined || (JSON.parse(installed) as { version: string }).version !== version) {
    const into = path.join(scratch, name);
    await mkdir(into);
    await execa('npm', ['pack', '--silent', '--pack-destination', into, `${name}@${version}`], {
      cwd: scratch,
    });
    const [archive = ''] = await readdir(into);
    await execa('tar', ['-xzf', path.join(into, archive), '-C', into]);
    folder = path.join(into, 'package');
  }
  const text = await readFile(path.join(folder, 'LICENSE'), 'utf8');
  const executable = path.join(folder, 'bin', target.startsWith('win') ? 'node.exe' : 'node');
  return { executable, party: { name, version, licence: 'MIT', text } };
}
