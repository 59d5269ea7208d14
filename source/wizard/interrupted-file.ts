import path from 'node:path';
import type { Paths } from '../system/paths.ts';

/** After a day another day's work is more likely meant, in milliseconds. */
const lastsMs = 24 * 60 * 60 * 1000;

/** Where a wizard that was left keeps what was answered. */
export const interruptedFile = ({ state }: Paths) => path.join(state, 'wizard.json');

/** @param leftAt milliseconds since the epoch */
export const isRecent = (leftAt: number, now: number) => leftAt <= now && now - leftAt < lastsMs;
