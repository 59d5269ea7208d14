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
    // Sign by sign, in code that is interpreted.
    file: /[\\/]yoga-layout[\\/]dist[\\/]binaries[\\/]yoga-wasm-base64-esm\.js$/,
    from: 'var b=xa(a.slice(37)),c=new Uint8Array(b.length);for(a=0;a<b.length;++a)c[a]=b.charCodeAt(a);var d=c}',
    to: 'var d=Buffer.from(a.slice(37),"base64")}',
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

/** For the head of every file that is made: what the changes need. */
export const quickStartHead = [
  // A regular expression that is compiled when it is first used.
  'const __whenUsed=make=>{let it;return{test:text=>(it??=make()).test(text),exec:text=>(it??=make()).exec(text)}};',
  // The first Intl.Segmenter loads tables; signs that never combine need none.
  String.raw`const __single=/^[\n\x1b\x20-\x7e\u00a1-\u00ac\u00ae-\u02ff\u2010-\u2027\u2190-\u21ff\u2500-\u25ff\u2713\u2717\u2800-\u28ff]*$/;`,
  'const __Segmenter=function(...given){let it;const unit=given[1]?.granularity??"grapheme";',
  'const split=text=>{const list=[...text].map((segment,index)=>({segment,index,input:text}));list.containing=at=>list[at];return list};',
  'return{segment:text=>unit==="grapheme"&&__single.test(text)?split(text):(it??=new Intl.Segmenter(...given)).segment(text)}};',
].join('');

/** Makes libraries start without what they can do later. @throws Error when a library has changed */
export const quickStart: Plugin = {
  name: 'quick-start',
  setup({ initialOptions, onLoad, onResolve }) {
    initialOptions.define = { ...initialOptions.define, 'Intl.Segmenter': '__Segmenter' };
    // Importing it makes Node read every property that `process` has, each with what stands behind it.
    onResolve({ filter: /^(node:)?process$/ }, () => ({ path: 'process', namespace: 'quick-start' }));
    onLoad({ filter: /^process$/, namespace: 'quick-start' }, () => ({
      contents:
        'export default globalThis.process;export const {platform,hrtime,execPath,execArgv,env,cwd}=globalThis.process;',
    }));
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
