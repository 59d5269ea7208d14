import assert from 'node:assert/strict';
import { setImmediate as turn } from 'node:timers/promises';
import { App, Frame } from '../../../source/wizard/app.tsx';
import { plainLine } from '../../../source/wizard/steps/answered.ts';
import type { Store } from '../../../source/wizard/store.ts';
import type { Scene } from '../../wizard/matrix.ts';
import { type MountedOptions, mountOnScreen, renderToFrame, stillLook } from './frames.tsx';

const storeOf = ({ walk }: Scene): Store => ({
  getState: () => walk.state,
  subscribe: () => () => {},
  dispatch: () => {},
});

/** The live part as it should be. */
function frameOf(
  state: Scene['walk']['state'],
  { columns = 80, rows = 24, look = stillLook }: MountedOptions,
) {
  const place = { width: columns - 1, rows: rows - 1, marks: look.marks, color: look.color, demoHints: [] };
  return written(renderToFrame(<Frame state={state} place={place} />, { columns: place.width, look }));
}

/** Up to the last line that has something on it. */
function written(lines: readonly string[]): string[] {
  const all = readable(lines);
  return all.slice(0, all.findLastIndex(line => line !== '') + 1);
}

const letters = (text: string) => text.replaceAll(/\s/g, '');

export type Photograph = {
  readonly screen: readonly string[];
  /** All there is, from the first line on. */
  readonly scrollback: readonly string[];
};

/** What a person sees of a scene on a real screen model, and whether the terminal is as it was afterwards. */
export async function photograph(scene: Scene, options: MountedOptions): Promise<Photograph> {
  const ends: (() => Promise<void>)[] = [];
  const test = { after: (end: () => Promise<void>) => void ends.push(end) };
  const over = new Promise<undefined>(() => {});
  const app = <App store={storeOf(scene)} over={over} demoHints={[]} />;
  const mounted = mountOnScreen(test, app, options);
  const { state } = scene.walk;
  const last = state.printed.findLast(line => line !== '');
  const printed = last === undefined ? '' : letters(plainLine(last, ''));
  const frame = frameOf(state, options);
  // What is printed once goes up first, and the live part is drawn again below it.
  await mounted.waitFor(() => {
    const all = written(mounted.scrollback());
    return (
      letters(all.join('')).includes(printed) && all.slice(-frame.length).join('\n') === frame.join('\n')
    );
  });
  await settled(mounted.bytesWritten);
  const { rows = 24 } = options;
  const [screen, scrollback] = [mounted.screen(), mounted.scrollback()].map(readable);
  assert.ok(screen && scrollback);
  assert.ok(screen.length <= rows, scene.name);
  assert.doesNotMatch(mounted.scrollback().join('\n'), /[\u0000-\u0008\u000b-\u001f\u007f]/, scene.name);
  mounted.app.unmount();
  await mounted.app.waitUntilExit();
  await settled(mounted.bytesWritten);
  assert.equal(mounted.cursor().visible, true, `${scene.name}: the cursor is back`);
  for (const end of ends) await end();
  return { screen, scrollback };
}

const readable = (lines: readonly string[]) => lines.map(line => line.replace(timeLeft, '(time)').trimEnd());

/** Of the code's life; the scenes have one that is good for years. */
const timeLeft = /\d+ min \d+ s/;

/** Nothing was written for a while, as turns of the event loop go. */
async function settled(bytesWritten: () => number): Promise<void> {
  for (let quiet = 0, turns = 0; quiet < 5 && turns < 1000; turns += 1) {
    await turn();
    quiet = bytesWritten() === 0 ? quiet + 1 : 0;
  }
}
