import { readFile } from 'node:fs/promises';
import type { Plugin } from 'esbuild';

type Change = { readonly file: RegExp; readonly from: string; readonly to: string };

/** What libraries do as they are loaded, and the first screen does without. */
const changes: readonly Change[] = [
  {
    // fetch() on an address that holds the data itself loads all of Node's HTTP client.
    file: /[\\/]yoga-layout[\\/]dist[\\/]binaries[\\/]yoga-wasm-base64-esm\.js$/,
    from: 'return w||"function"!=typeof fetch?',
    to: 'return true?',
  },
  {
    // The longest of regular expressions, for texts with emoji.
    file: /[\\/]string-width[\\/]index\.js$/,
    from: 'const emojiPrefixRegex = /',
    to: 'const emojiPrefixRegex = __whenUsed(() => /',
  },
  {
    file: /[\\/]string-width[\\/]index\.js$/,
    from: String.raw`[\d#*]\u{FE0F})/v;`,
    to: String.raw`[\d#*]\u{FE0F})/v);`,
  },
];

/** A regular expression that is compiled when it is first used. */
export const whenUsed =
  'const __whenUsed=make=>{let it;return{test:text=>(it??=make()).test(text),exec:text=>(it??=make()).exec(text)}};';

/** Makes libraries start without what they can do later. @throws Error when a library has changed */
export const quickStart: Plugin = {
  name: 'quick-start',
  setup({ onLoad }) {
    onLoad({ filter: /(yoga-wasm-base64-esm|string-width[\\/]index)\.js$/ }, async ({ path: file }) => {
      let contents = await readFile(file, 'utf8');
      for (const { from, to } of changes.filter(change => change.file.test(file))) {
        if (contents.split(from).length !== 2)
          throw new Error(`${file} has changed; see scripts/quick-start.ts`);
        contents = contents.replace(from, () => to);
      }
      return { contents, loader: 'js' };
    });
  },
};
