import { existsSync, watch } from 'node:fs';
import fs from 'node:fs/promises';
import path from 'node:path';
import { temporaryFolder } from './home.ts';

/** A program in the place of a browser: it keeps what it was given, and is noisy on stdout and stderr. */
export type RecordingBrowser = {
  readonly command: string;
  /** Waits until it was started; its arguments. */
  opened(): Promise<string[]>;
  /** Whether it was started so far. */
  wasOpened(): boolean;
};

export async function recordingBrowser(test: {
  after(run: () => Promise<void>): void;
}): Promise<RecordingBrowser> {
  const folder = await temporaryFolder(test);
  const command = path.join(folder, 'browser');
  const record = path.join(folder, 'arguments');
  const script = [
    '#!/bin/sh',
    'echo "NOISE on stdout {}"',
    'echo "NOISE on stderr" >&2',
    `printf '%s\\n' "$@" >'${record}.part'`,
    `mv '${record}.part' '${record}'`,
  ];
  await fs.writeFile(command, `${script.join('\n')}\n`, { mode: 0o755 });
  const started = new Promise<void>(resolve => {
    const watcher = watch(folder, () => {
      if (!existsSync(record)) return;
      watcher.close();
      resolve();
    });
    watcher.unref();
    test.after(async () => watcher.close());
  });
  return {
    command,
    wasOpened: () => existsSync(record),
    async opened() {
      await started;
      return (await fs.readFile(record, 'utf8')).trimEnd().split('\n');
    },
  };
}
