import { test } from 'node:test';
import { applyColorChoice } from '../../source/system/terminal.ts';

// Once in a process, and before Ink is loaded.
applyColorChoice(2);
const { compareFirstFrames } = await import('./first-frames.tsx');

test("the first frame is Ink's in every window, with colours", () => compareFirstFrames(2, true));
