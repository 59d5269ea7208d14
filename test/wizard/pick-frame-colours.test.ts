import { test } from 'node:test';
import { applyColorChoice } from '../../source/system/terminal.ts';

// Once in a process, and before Ink is loaded.
applyColorChoice(2);
const { comparePickFrames } = await import('./pick-frames.tsx');

test("the first list of profiles is Ink's in every window, with colours", () => comparePickFrames(2, true));
