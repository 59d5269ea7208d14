import { chmod, copyFile, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { build } from 'esbuild';
import manifest from '../package.json' with { type: 'json' };
import { defineProgram } from '../source/commands/program.ts';
import { processStreams } from '../source/system/streams.ts';
import { billOfMaterials } from './bill-of-materials.ts';
import { bundling, quick, requireBanner, root } from './bundling.ts';
import { manPage } from './man-page.ts';
import { quickBuiltins } from './quick-builtins.ts';
import { quickStart } from './quick-start.ts';
import { noticesOf, thirdPartiesIn } from './third-party.ts';

const out = process.argv.indexOf('--out');
const dist = out === -1 ? path.join(root, 'dist') : path.resolve(process.argv[out + 1] ?? '');
// A build that fails leaves the last one in place.
const next = `${dist}.${process.pid}`;

if (process.argv.includes('--help')) {
  process.stdout.write('Bundles source/ into dist/. Usage: npm run build [-- --out FOLDER]\n');
  process.exit(0);
}

const banner = {
  js: [
    quick.banner.js,
    'const __later=load=>{let it;return new Proxy({},{get:(_,name)=>(it??=load())[name]})};',
  ].join('\n'),
};
/** CommonJS packages that are large, and that the first screen and most commands do without. */
const later = ['undici', 'yaml'];
const common = { ...bundling, outdir: next };

const parts = await build({
  ...common,
  entryPoints: {
    main: 'source/main.ts',
    'konvoy-async-plugin': 'source/konvoy-async-plugin.ts',
    'keyring-process': 'source/credentials/keyring-process.ts',
  },
  splitting: true,
  target: 'node22',
  chunkNames: 'chunk-[name]-[hash]',
  // oidc-provider finds its settings by the names of its classes, which a bundle would change.
  keepNames: true,
  // Ink asks for it when DEV is set, which it never is here.
  // The keyring is native code, installed beside us where there is one for the system.
  external: ['react-devtools-core', '@napi-rs/keyring'],
  banner,
  plugins: quick.plugins,
  write: false,
});
for (const { path: file, text } of parts.outputFiles) {
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(file, loadedLater(text));
}
// What kubectl waits for: one file, with nothing of the others in it, that an older Node can read far enough to say so.
const start = await build({
  ...common,
  entryPoints: { cli: 'source/cli.ts' },
  target: 'node14.18',
  banner: { js: requireBanner },
  plugins: [
    quickBuiltins,
    {
      name: 'main',
      setup: ({ onResolve }) =>
        onResolve({ filter: /^\.\/((status|first-frame|use-frame)-)?main\.ts$/ }, args => ({
          path: args.path.replace(/ts$/, 'js'),
          external: true,
        })),
    },
  ],
});
// People call the one in prompts and loops, and wait for the others before anything else: each a file of its own too.
const alone = await build({
  ...common,
  entryPoints: {
    'status-main': 'source/status-main.ts',
    'first-frame-main': 'source/first-frame-main.ts',
    'use-frame-main': 'source/use-frame-main.ts',
  },
  target: 'node22',
  banner: { js: quick.banner.js },
  plugins: [quickStart, quickBuiltins],
});
await describeContents();
await writeFile(path.join(next, 'dkp-auth.1'), manual());
await prependShebang(path.join(next, 'cli.js'));
await prependShebang(path.join(next, 'konvoy-async-plugin.js'));
await copyFile(path.join(root, 'source', 'token.sh'), path.join(next, 'dkp-auth-token'));
await chmod(path.join(next, 'dkp-auth-token'), 0o755);
await rm(dist, { recursive: true, force: true });
await rename(next, dist);

/** Runs the code of a large package when something of it is first used, in place of when the file is loaded. */
function loadedLater(code: string): string {
  const names = later.join('|');
  return code.replace(
    new RegExp(`\\b(import_(?:${names})\\d*)=(__toESM\\(require_\\w+\\(\\)(?:,1)?\\))`, 'g'),
    '$1=__later(()=>$2)',
  );
}

function manual(): string {
  const program = defineProgram(processStreams, new AbortController().signal);
  return manPage(program, manifest.version);
}

/** What others' licences want, and what those want who have to know what is in there. */
async function describeContents(): Promise<void> {
  const parties = await thirdPartiesIn([parts.metafile, start.metafile, alone.metafile], root);
  await writeFile(path.join(next, 'THIRD-PARTY-LICENCES.txt'), noticesOf(parties));
  await writeFile(path.join(next, 'sbom.cdx.json'), billOfMaterials(manifest, parties));
}

async function prependShebang(file: string): Promise<void> {
  const code = await readFile(file, 'utf8');
  await writeFile(file, `#!/usr/bin/env node\n${code}`);
  await chmod(file, 0o755);
}
