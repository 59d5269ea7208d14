import { spawn } from 'node:child_process';

/** Takes away what a killed process would leave. */
export type Guardian = {
  /** All is done; nothing is taken away. */
  dismiss(): void;
};

// Waits for a word on its stdin. Without it, this program is gone, and what it held goes too: files of its own by name, a lock
// only while it still says whose it is.
const script = `IFS= read -r word
[ "$word" = done ] && exit
id=$1; shift
for file do
  case $file in
    *.lock) IFS= read -r first < "$file" && [ "$first" = "$id" ] && rm -f -- "$file" ;;
    *) rm -f -- "$file" ;;
  esac
done 2> /dev/null`;

/**
 * Starts a process that outlives a `kill -9` of this one and then removes files: a lock (`.lock`) whose first line is the id,
 * any other as it is. It reads a pipe that closes with this process, so there is no moment in which nobody watches.
 * Nothing where there is no POSIX shell: the next run finds what a dead process left.
 */
export function startGuardian(id: string, files: readonly string[]): Guardian {
  if (process.platform === 'win32') return { dismiss: () => undefined };
  // A session of its own: a signal to the terminal's processes is not meant for it.
  const child = spawn('/bin/sh', ['-c', script, 'sh', id, ...files], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
    env: { PATH: '/usr/bin:/bin' },
    cwd: '/',
  });
  child.on('error', () => undefined);
  child.stdin.on('error', () => undefined);
  child.unref();
  return { dismiss: () => void child.stdin.end('done\n') };
}
