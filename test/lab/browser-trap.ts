import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

const openers = [
  'xdg-open',
  'sensible-browser',
  'x-www-browser',
  'www-browser',
  'gnome-open',
  'chromium',
  'firefox',
  'google-chrome',
  'lynx',
  'w3m',
  'links',
  'elinks',
];

export type BrowserTrap = {
  /** A PATH on which whatever would open a browser only notes what it was given. */
  readonly path: string;
  readonly opened: () => Promise<string[]>;
  readonly firstOpened: () => Promise<string>;
};

/** Stands where programs look for a browser. */
export async function browserTrap(folder: string, searchPath: string): Promise<BrowserTrap> {
  const bin = path.join(folder, 'browser-trap');
  const notes = path.join(bin, 'opened');
  await mkdir(bin, { mode: 0o700 });
  for (const name of openers) {
    const file = path.join(bin, name);
    await writeFile(file, `#!/bin/sh\nprintf '%s\\n' "$*" >>'${notes}'\n`);
    await chmod(file, 0o755);
  }
  const opened = async () =>
    (await readFile(notes, 'utf8').catch(() => '')).split('\n').filter(line => line !== '');
  return {
    path: `${bin}${path.delimiter}${searchPath}`,
    opened,
    async firstOpened() {
      for (let tries = 0; tries < 100; tries += 1) {
        const [first] = await opened();
        if (first !== undefined) return first;
        await pause(50);
      }
      throw new Error('no browser was opened within five seconds');
    },
  };
}
