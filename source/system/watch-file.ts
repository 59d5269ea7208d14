import { type FSWatcher, watch } from 'node:fs';

// Where the system tells of changes, looking only makes up for what it did not tell (other hosts' changes on NFS).
const toldEveryMs = 500;
const untoldEveryMs = 50;

/**
 * Calls back when a file of a folder may have changed, at once where the system tells of it and within half a second
 * everywhere. One call at a time; it does not keep the process running.
 * @returns ends it
 */
export function watchFile(folder: string, name: string, look: () => Promise<void>): () => void {
  let looking: Promise<void> | undefined;
  let again = false;
  let isOver = false;
  const glance = () => {
    if (isOver) return;
    again = looking !== undefined;
    looking ??= look()
      .catch(() => undefined)
      .finally(() => {
        looking = undefined;
        if (again) glance();
      });
  };
  let watcher: FSWatcher | undefined;
  try {
    watcher = watch(folder, { persistent: false }, (_event, changed) => {
      if (changed === null || changed === name) glance();
    });
    watcher.on('error', () => undefined);
  } catch {
    // No such folder yet, or no watches left: looking has to do.
  }
  const timer = setInterval(glance, watcher === undefined ? untoldEveryMs : toldEveryMs);
  timer.unref();
  return () => {
    isOver = true;
    clearInterval(timer);
    watcher?.close();
  };
}
