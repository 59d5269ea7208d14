import { writeFile } from 'node:fs/promises';
import type { Terminal } from '../terminal/harness/terminal.ts';
import type { Home } from './home.ts';
import { cli } from './program.ts';

const sign = '\u001b]7718;held\u0007';

const hook = `
import { registerHooks } from 'node:module';
const { HOLD, GATE, DEAF } = process.env;
const wait = \`
const fs = process.getBuiltinModule('fs');
fs.writeSync(2, \${JSON.stringify(${JSON.stringify(sign)})});
const wait = \${DEAF ? '() => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5)' : '() => new Promise(resolve => setTimeout(resolve, 5))'};
while (!fs.existsSync(\${JSON.stringify(GATE)})) await wait();
if (fs.readFileSync(\${JSON.stringify(GATE)}, 'utf8') === 'broken') throw new Error('a file that is broken');
\`;
let isHeld = false;
registerHooks({ load(url, context, next) {
  const loaded = next(url, context);
  if (isHeld || !new RegExp(HOLD).test(url)) return loaded;
  isHeld = true;
  return { ...loaded, source: '{' + wait + '}' + loaded.source };
} });`;

export type Held = {
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Waits until the program has come to the file. */
  come(terminal: Terminal): Promise<void>;
  /** Lets it go on, or have it fail there. */
  open(how?: 'whole' | 'broken'): Promise<void>;
};

/**
 * The program, held back at the first file whose name fits: what it does before that can be looked at.
 * @param isDeaf it hears nothing meanwhile, neither keys nor that the window has changed
 */
export function heldAt(home: Home, file: RegExp, isDeaf = false): Held {
  const gate = home.path('gate');
  return {
    args: ['--import', `data:text/javascript,${encodeURIComponent(hook)}`, cli],
    env: { HOLD: file.source, GATE: gate, ...(isDeaf && { DEAF: '1' }) },
    async come(terminal) {
      await terminal.waitFor(() => terminal.rawOutput().includes(sign));
    },
    open: (how = 'whole') => writeFile(gate, how),
  };
}
