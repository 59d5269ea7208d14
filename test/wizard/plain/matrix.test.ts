import assert from 'node:assert/strict';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { PassThrough, Writable } from 'node:stream';
import { describe, test } from 'node:test';
import type { Streams } from '../../../source/system/streams.ts';
import { textWidth } from '../../../source/wizard/parts/graphemes.ts';
import { runPlain } from '../../../source/wizard/plain/run-plain.ts';
import { controlOf } from '../../../source/wizard/steps/control.ts';
import { saidOf } from '../../../source/wizard/steps/said.ts';
import { assertPlain } from '../../helpers/plain-output.ts';
import { everyScene, type Scene } from '../matrix.ts';

const widths = [20, 40, 80, 200];
const folder = path.join(import.meta.dirname, '../../terminal/snapshots');
/** Set it after words were changed on purpose, and read what comes of it. */
const isUpdating = process.env['UPDATE_SNAPSHOTS'] === '1';

/** What a console without cursor control shows of a scene, from the first word to the prompt. */
async function printed({ walk }: Scene, columns: number): Promise<string> {
  let text = '';
  const stdout = new Writable({
    decodeStrings: false,
    write(chunk: string, _encoding, done) {
      text += chunk;
      done();
    },
  });
  const stream = Object.assign(stdout, { isTTY: true, columns });
  const stdin = Object.assign(new PassThrough(), { isTTY: true, setRawMode: () => stdin });
  const streams = { stdin, stdout: stream, stderr: stream, env: { TERM: 'dumb' } } as unknown as Streams;
  const store = { getState: () => walk.state, subscribe: () => () => {}, dispatch: () => {} };
  const leaves = new AbortController();
  const over = new Promise<undefined>(() => {});
  const ended = runPlain({ store, over, streams, demoHints: [], signal: leaves.signal });
  leaves.abort();
  await ended;
  return text;
}

const letters = (text: string) => text.replaceAll(/\s/g, '');

describe('the plain wizard, scene by scene', () => {
  for (const columns of widths) {
    test(`at ${columns} columns says everything, breaks nothing that is to be copied and ends with its prompt`, async () => {
      const parts: string[] = [];
      for (const scene of everyScene()) {
        const { name, walk } = scene;
        const text = await printed(scene, columns);
        const told = `${name}\n${text}`;
        assertPlain(text, name);
        const lines = text.split('\n');
        for (const line of lines.filter(each => each.includes(' ')))
          if (!isWhole(line, scene)) assert.ok(textWidth(line) < columns, `too wide: ${line}\n${told}`);
        for (const { id, text: sentence } of saidOf(walk.state))
          assert.ok(letters(text).includes(letters(sentence)), `${id}: ${sentence}\n${told}`);
        if (controlOf(walk.state).kind !== 'wait' && !walk.state.leaving) assert.match(text, /> $/, told);
        parts.push(`=== ${name}\n${text.replace(/> $/, '>').trimEnd()}\n`);
      }
      const found = parts.join('\n');
      const file = path.join(folder, `dumb-${columns}.txt`);
      if (isUpdating) {
        await mkdir(folder, { recursive: true });
        await writeFile(file, found);
      }
      assert.equal(found, await readFile(file, 'utf8'));
    });
  }
});

/** Answers to choose from and prompts are a line each, as are sentences with a word that no line has room for. */
function isWhole(line: string, { walk }: Scene): boolean {
  if (/^ {2}\d+\. |> $/.test(line)) return true;
  return [...saidOf(walk.state), ...walk.state.printed.map(each => ({ text: each }))].some(
    ({ text }) => typeof text !== 'string' || text === line || text.startsWith(line),
  );
}
