import path from 'node:path';
import { execa } from 'execa';
import type { Demo, DemoUser, LastPage } from '../../source/demo/index.ts';

/** The built program, as it is installed. */
export const cli = path.join(import.meta.dirname, '..', '..', 'dist', 'cli.js');

export type ProgramOptions = {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** What comes through stdin; `open` leaves it open and silent; nothing is an empty one. */
  readonly input?: string | 'open';
  readonly cwd?: string;
  /** Another copy of the program. */
  readonly program?: string;
  /** After which it is killed, in milliseconds. */
  readonly longestMs?: number;
};

export type Ended = {
  readonly code: number | undefined;
  readonly signal: string | undefined;
  readonly stdout: string;
  readonly stderr: string;
};

export type Program = {
  readonly ended: Promise<Ended>;
  kill(signal: NodeJS.Signals): void;
  /** Closes our end of its stdout, as `| head` does. */
  closeStdout(): void;
  /** Waits for text on stderr. */
  saw(pattern: RegExp): Promise<RegExpExecArray>;
  /** Waits for text on stdout. */
  lines(pattern: RegExp): Promise<RegExpExecArray>;
  /** The address it shows to be opened, the first one or a later one. */
  address(which?: number): Promise<string>;
};

const longestRunMs = 30_000;

/** Starts the built program; it is killed when it runs for too long. */
export function startProgram(args: readonly string[], options: ProgramOptions): Program {
  const { env, input, cwd, program = cli, longestMs = longestRunMs } = options;
  const stdin = input === undefined ? { stdin: 'ignore' as const } : input === 'open' ? {} : { input };
  const subprocess = execa(process.execPath, [program, ...args], {
    env: defined(env),
    extendEnv: false,
    reject: false,
    stripFinalNewline: false,
    timeout: longestMs,
    killSignal: 'SIGKILL',
    ...stdin,
    ...(cwd !== undefined && { cwd }),
  });
  let stderr = '';
  let stdout = '';
  let isOver = false;
  const watchers = new Set<() => void>();
  const wake = () => {
    for (const watcher of watchers) watcher();
  };
  subprocess.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
    wake();
  });
  subprocess.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
    wake();
  });
  const ended = subprocess.then(result => {
    isOver = true;
    wake();
    return { code: result.exitCode, signal: result.signal, stdout: result.stdout, stderr: result.stderr };
  });
  const waitFor = (text: () => string, pattern: RegExp) =>
    new Promise<RegExpExecArray>((resolve, reject) => {
      const look = () => {
        const found = pattern.exec(text());
        if (found === null && !isOver) return;
        watchers.delete(look);
        if (found !== null) resolve(found);
        else reject(new Error(`${pattern} was never there:\n${stdout}\n${stderr}`));
      };
      watchers.add(look);
      look();
    });
  const saw = (pattern: RegExp) => waitFor(() => stderr, pattern);
  return {
    ended,
    saw,
    lines: pattern => waitFor(() => stdout, pattern),
    kill: signal => void subprocess.kill(signal),
    closeStdout: () => void subprocess.stdout.destroy(),
    address: async (which = 1) => {
      const found = await saw(new RegExp(`(?:[^]*?^(https://\\S+)\\n){${which}}`, 'm'));
      return found[1] ?? '';
    },
  };
}

export function runProgram(args: readonly string[], options: ProgramOptions): Promise<Ended> {
  return startProgram(args, options).ended;
}

function defined(env: ProgramOptions['env']): Record<string, string> {
  return Object.fromEntries(
    Object.entries(env).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
}

/** A person who opens the address that a program shows, and signs in. */
export async function personSignsIn(
  program: Program,
  demo: Demo,
  user: DemoUser,
  which = 1,
): Promise<LastPage> {
  return demo.signIn(await program.address(which), user);
}

/** What `--json` printed: exactly one document. */
export function jsonOf<T = Record<string, unknown>>({ stdout }: Pick<Ended, 'stdout'>): T {
  return JSON.parse(stdout) as T;
}
