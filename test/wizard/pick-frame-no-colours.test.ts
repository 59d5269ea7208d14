import { test } from 'node:test';
import { applyColorChoice } from '../../source/system/terminal.ts';

// Once in a process, and before Ink is loaded.
applyColorChoice(0);
const { comparePickFrames } = await import('./pick-frames.tsx');

for (const unicode of [true, false])
  test(`the first list of profiles is Ink's in every window, without colours${unicode ? '' : ', in ASCII'}`, () =>
    comparePickFrames(0, unicode));
