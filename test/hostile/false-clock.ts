import { globSync } from 'node:fs';
import fs from 'node:fs/promises';
import path from 'node:path';

/** A clock of one program that can be set while it runs; all else, and how long things take, goes by the right one. */
export type FalseClock = {
  readonly env: Readonly<Record<string, string>>;
  /** @param seconds ahead of the right time; negative is behind */
  set(seconds: number): Promise<void>;
};

// Debian's package faketime.
const [library] = globSync('/usr/lib/*/faketime/libfaketimeMT.so.1');

/** Why there is no such clock here; undefined: there is one. */
export function whyNoFalseClock(): string | undefined {
  return library === undefined ? 'libfaketime is not installed' : undefined;
}

/** @param folder where the program does not look */
export async function falseClock(folder: string, seconds = 0): Promise<FalseClock> {
  const file = path.join(folder, 'the-time');
  const set = async (ahead: number) => {
    // Whoever looks meanwhile must not find half of it.
    await fs.writeFile(`${file}.next`, `${ahead < 0 ? '' : '+'}${ahead}\n`);
    await fs.rename(`${file}.next`, file);
  };
  await set(seconds);
  return {
    env: { ...preloaded(), FAKETIME_TIMESTAMP_FILE: file, FAKETIME_NO_CACHE: '1' },
    set,
  };
}

/** A clock that is right until a process has looked at it so often, and wrong from then on. @param looks 0: from the start */
export function jumpingClock(seconds: number, looks: number): Readonly<Record<string, string>> {
  const from: Record<string, string> = looks === 0 ? {} : { FAKETIME_START_AFTER_NUMCALLS: String(looks) };
  return { ...preloaded(), FAKETIME: seconds < 0 ? String(seconds) : `+${seconds}`, ...from };
}

const preloaded = () => ({
  LD_PRELOAD: library ?? '',
  DONT_FAKE_MONOTONIC: '1',
  FAKETIME_DONT_FAKE_MONOTONIC: '1',
  // Files keep the times at which they were written.
  NO_FAKE_STAT: '1',
});
