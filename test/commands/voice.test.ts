import assert from 'node:assert/strict';
import { test } from 'node:test';
import { voiceOf } from '../../source/commands/voice.ts';
import { processStreams } from '../../source/system/streams.ts';

const cases: [string, Parameters<typeof voiceOf>[0], Record<string, string>, boolean, string][] = [
  ['a usual terminal', {}, { TERM: 'xterm' }, false, 'screen'],
  ['--plain', { plain: true }, { TERM: 'xterm', INK_SCREEN_READER: 'true' }, true, 'plain'],
  ['TERM=dumb', {}, { TERM: 'dumb' }, false, 'plain'],
  ['--screen-reader', { screenReader: true }, { TERM: 'xterm' }, false, 'screen-reader'],
  ["Ink's variable", {}, { INK_SCREEN_READER: 'true' }, false, 'screen-reader'],
  ['the setting', {}, {}, true, 'screen-reader'],
  ['the variable above the setting', {}, { INK_SCREEN_READER: 'false' }, true, 'screen'],
];

for (const [what, flags, env, setting, expected] of cases) {
  test(`${what}: ${expected}`, async () => {
    assert.equal(await voiceOf(flags, { ...processStreams, env }, async () => setting), expected);
  });
}
