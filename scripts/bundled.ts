import path from 'node:path';
import type { BuildOptions } from 'esbuild';
import { quickStart, quickStartHead } from './quick-start.ts';

const root = path.join(import.meta.dirname, '..');

/** What every bundle is made with. */
export const common = {
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
  define: { 'process.env.NODE_ENV': '"production"', 'process.env.DEV': '"false"' },
  logLevel: 'warning',
} as const satisfies BuildOptions;

/** And what has libraries in it. */
export const bundled = {
  ...common,
  target: 'node22',
  // oidc-provider finds its settings by the names of its classes, which a bundle would change.
  keepNames: true,
  // Ink asks for it when DEV is set, which it never is here.
  // The keyring is native code, installed beside us where there is one for the system.
  external: ['react-devtools-core', '@napi-rs/keyring'],
  // Ink has an older one of its own; each copy prepares its tables as it is loaded.
  alias: { 'string-width': path.join(root, 'node_modules', 'string-width') },
  banner: {
    // The chunks of bundled CommonJS packages call require() for Node's own modules.
    js: [
      "import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);",
      quickStartHead,
      'const __later=load=>{let it;return new Proxy({},{get:(_,name)=>(it??=load())[name]})};',
    ].join('\n'),
  },
  plugins: [quickStart],
} satisfies BuildOptions;
