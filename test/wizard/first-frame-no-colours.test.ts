import { test } from 'node:test';
import { applyColorChoice } from '../../source/system/terminal.ts';

// Once in a process, and before Ink is loaded.
applyColorChoice(0);
const { compareFirstFrames } = await import('./first-frames.tsx');

for (const unicode of [true, false])
  test(`the first frame is Ink's in every window, without colours${unicode ? '' : ', in ASCII'}`, () =>
    compareFirstFrames(0, unicode));
