import path from 'node:path';
import type { BuildOptions } from 'esbuild';
import { quickStart, quickStartHead } from './quick-start.ts';

export const root = path.join(import.meta.dirname, '..');

/** The chunks of bundled CommonJS packages call require() for Node's own modules. */
export const requireBanner =
  "import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);";

/** For everything that has libraries in it. */
export const quick = { plugins: [quickStart], banner: { js: `${requireBanner}\n${quickStartHead}` } };

/** What holds for everything that is bundled, the package and the executable. */
export const bundling = {
  absWorkingDir: root,
  bundle: true,
  format: 'esm',
  platform: 'node',
  minifySyntax: true,
  minifyWhitespace: true,
  // The licences are collected whole and once.
  legalComments: 'none',
  metafile: true,
  // The names of chunks must not tell where node_modules really is: two builds are the same bytes.
  preserveSymlinks: true,
  // Ink has an older one of its own; each copy prepares its tables as it is loaded.
  alias: { 'string-width': path.join(root, 'node_modules', 'string-width') },
  define: { 'process.env.NODE_ENV': '"production"', 'process.env.DEV': '"false"' },
  logLevel: 'warning',
} as const satisfies BuildOptions;
