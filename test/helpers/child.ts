import { type ChildProcess, spawn } from 'node:child_process';

/** What runs a TypeScript file: Node itself where it can, which starts far faster than a loader. */
export const runner = process.features.typescript ? [] : ['--import', 'tsx'];

export type Child = {
  readonly process: ChildProcess;
  /** Lines on its stdout so far. */
  readonly lines: readonly string[];
  /** Resolves with the first line, present or future, that fits; rejects when the process ends without. */
  line(fits: (line: string) => boolean): Promise<string>;
  /** The signal that ended it, or its exit code. */
  readonly ended: Promise<NodeJS.Signals | number>;
};

type Test = { after(run: () => void): void };

/** Starts a TypeScript file as a process of its own, killed when the test ends. */
export function startChild(
  test: Test,
  file: string,
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>> = {},
): Child {
  const child = spawn(process.execPath, [...runner, file, ...args], {
    env: { PATH: process.env['PATH'], ...env, NODE_NO_WARNINGS: '1' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  test.after(() => {
    child.kill('SIGKILL');
  });
  const lines: string[] = [];
  const waiting = new Set<() => void>();
  let rest = '';
  child.stdout.setEncoding('utf8');
  child.stdout.on('data', (piece: string) => {
    const parts = (rest + piece).split('\n');
    rest = parts.pop() ?? '';
    lines.push(...parts);
    for (const look of [...waiting]) look();
  });
  let isOver = false;
  const ended = new Promise<NodeJS.Signals | number>(resolve => {
    child.on('close', (code, signal) => {
      isOver = true;
      for (const look of [...waiting]) look();
      resolve(signal ?? code ?? 1);
    });
  });
  return {
    process: child,
    lines,
    ended,
    line: fits =>
      new Promise((resolve, reject) => {
        const look = () => {
          const found = lines.find(fits);
          if (found === undefined && !isOver) return;
          waiting.delete(look);
          if (found === undefined) reject(new Error(`it ended after ${JSON.stringify(lines)}`));
          else resolve(found);
        };
        waiting.add(look);
        look();
      }),
  };
}
