import assert from 'node:assert/strict';
import { test } from 'node:test';
import { voiceOf } from '../../source/commands/voice.ts';
import { processStreams } from '../../source/system/streams.ts';

const cases: [string, Parameters<typeof voiceOf>[0], Record<string, string>, string][] = [
  ['a usual terminal', {}, { TERM: 'xterm' }, 'screen'],
  [
    '--plain',
    { plain: true },
    { TERM: 'xterm', INK_SCREEN_READER: 'true', DKP_AUTH_SCREEN_READER: 'true' },
    'plain',
  ],
  ['TERM=dumb', {}, { TERM: 'dumb' }, 'plain'],
  ['--screen-reader', { screenReader: true }, { TERM: 'xterm' }, 'screen-reader'],
  ["Ink's variable", {}, { INK_SCREEN_READER: 'true' }, 'screen-reader'],
  ['the setting', {}, { DKP_AUTH_SCREEN_READER: 'true' }, 'screen-reader'],
  [
    'the variable above the setting',
    {},
    { INK_SCREEN_READER: 'false', DKP_AUTH_SCREEN_READER: 'true' },
    'screen',
  ],
];

for (const [what, flags, env, expected] of cases) {
  test(`${what}: ${expected}`, () => {
    assert.equal(voiceOf(flags, { ...processStreams, env }), expected);
  });
}
