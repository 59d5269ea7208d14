import { performance } from 'node:perf_hooks';
import { stripVTControlCharacters } from 'node:util';
import { spawn } from '@lydell/node-pty';
import type { Command } from './batch.ts';

export type Started = {
  /** Milliseconds from the start until a text was there. */
  saw(pattern: RegExp): Promise<number>;
  /** Sends a key; milliseconds until the program drew something. */
  press(key: string): Promise<number>;
  text(): string;
  readonly pid: number;
  /** Milliseconds from the start until the program ended. */
  readonly ended: Promise<number>;
  stop(): void;
};

const patienceMs = 60_000;

/** Starts a program on a pseudo-terminal wide enough that nothing is wrapped, and looks at every byte as it comes. */
export function start(command: Command, env: Readonly<Record<string, string>>): Started {
  const [file, ...args] = command;
  let raw = '';
  let wake = new Set<() => void>();
  const begin = performance.now();
  const terminal = spawn(file, args, { cols: 400, rows: 40, env: { ...env, TERM: 'xterm-256color' } });
  terminal.onData(data => {
    raw += data;
    const waiting = wake;
    wake = new Set();
    for (const look of waiting) look();
  });
  const ended = new Promise<number>(resolve => terminal.onExit(() => resolve(performance.now() - begin)));
  const text = () => stripVTControlCharacters(raw);
  const until = (isThere: () => boolean, what: string) =>
    new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`${what} did not come:\n${text()}`)), patienceMs);
      const look = () => {
        if (!isThere()) return void wake.add(look);
        clearTimeout(timer);
        resolve();
      };
      look();
    });
  return {
    async saw(pattern) {
      await until(() => pattern.test(text()), String(pattern));
      return performance.now() - begin;
    },
    async press(key) {
      const before = raw.length;
      const at = performance.now();
      terminal.write(key);
      await until(() => raw.length > before, 'a frame');
      return performance.now() - at;
    },
    text,
    pid: terminal.pid,
    ended,
    stop: () => terminal.kill('SIGKILL'),
  };
}
