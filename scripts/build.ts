import { chmod, copyFile, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { build } from 'esbuild';
import { bundled, common } from './bundled.ts';
import { noticesOf, thirdPartiesIn } from './third-party.ts';

const root = path.join(import.meta.dirname, '..');
const dist = path.join(root, 'dist');
// A build that fails leaves the last one in place.
const next = `${dist}.${process.pid}`;

if (process.argv.includes('--help')) {
  process.stdout.write('Bundles source/ into dist/. Usage: npm run build\n');
  process.exit(0);
}

/** CommonJS packages that are large, and that the first screen and most commands do without. */
const later = ['undici', 'yaml'];

const { metafile, outputFiles } = await build({
  ...bundled,
  outdir: next,
  entryPoints: {
    main: 'source/main.ts',
    'konvoy-async-plugin': 'source/konvoy-async-plugin.ts',
    'keyring-process': 'source/credentials/keyring-process.ts',
  },
  splitting: true,
  chunkNames: 'chunk-[name]-[hash]',
  write: false,
});
for (const { path: file, text } of outputFiles) {
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(file, loadedLater(text));
}
// What kubectl waits for: one file, with nothing of the others in it, that an older Node can read far enough to say so.
await build({
  ...common,
  outdir: next,
  entryPoints: { cli: 'source/cli.ts' },
  target: 'node14.18',
  plugins: [
    {
      name: 'main',
      setup: ({ onResolve }) =>
        onResolve({ filter: /^\.\/main\.ts$/ }, () => ({ path: './main.js', external: true })),
    },
  ],
});
await writeFile(path.join(next, 'THIRD-PARTY-LICENCES.txt'), noticesOf(await thirdPartiesIn(metafile, root)));
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

async function prependShebang(file: string): Promise<void> {
  const code = await readFile(file, 'utf8');
  await writeFile(file, `#!/usr/bin/env node\n${code}`);
  await chmod(file, 0o755);
}
