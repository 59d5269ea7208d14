import { execFileSync } from 'node:child_process';
import fs from 'node:fs/promises';
import path from 'node:path';
import { execa } from 'execa';
import type { Ended } from '../helpers/program.ts';

/** What the kernel does at one system call of a program, in place of what was asked of it. */
export type KernelFault =
  /** The nth call of that name by a thread fails, and nothing was done; not close, which no kernel leaves undone. */
  | { readonly kind: 'error'; readonly call: string; readonly nth: number; readonly code: string }
  /** It says that all is well, and nothing was done. */
  | { readonly kind: 'lost'; readonly call: string; readonly nth: number }
  /** The process is gone just before it. */
  | { readonly kind: 'death'; readonly call: string; readonly nth: number }
  /** No file can be longer than so many bytes: a write is cut short, and the next one fails (EFBIG). */
  | { readonly kind: 'short'; readonly bytes: number };

/** One system call that can write, with what strace says of it. */
export type Call = {
  readonly thread: string;
  readonly name: string;
  /** The how manieth of its name by its thread, from 1. */
  readonly nth: number;
  readonly text: string;
  readonly isInjected: boolean;
};

export type Traced = Ended & { readonly calls: readonly Call[] };

/** All that Node, a shell and what they start write with. */
const writing = [
  ...['openat', 'write', 'writev', 'pwrite64', 'pwritev', 'fsync', 'fdatasync', 'close', 'ftruncate'],
  ...['rename', 'renameat', 'renameat2', 'link', 'linkat', 'symlink', 'symlinkat', 'unlink', 'unlinkat'],
  ...['mkdir', 'mkdirat', 'rmdir', 'chmod', 'fchmod', 'fchmodat', 'fchown', 'utimensat', 'copy_file_range'],
].join(',');

const longestRunMs = 60_000;

/** Why no fault can be had below a program here; undefined: one can. */
export function whyNoStrace(): string | undefined {
  if (process.platform !== 'linux') return 'system calls are disturbed on Linux only';
  try {
    execFileSync('strace', ['-qq', '-e', 'inject=chdir:error=EIO', 'true'], { stdio: 'pipe' });
    execFileSync('prlimit', ['--version'], { stdio: 'pipe' });
    return undefined;
  } catch (error) {
    const { code, stderr } = error as { code?: string; stderr?: Buffer };
    if (code === 'ENOENT') return 'strace and prlimit (util-linux) are not installed';
    return `strace may not look at other processes: ${String(stderr).trim().slice(0, 200)}`;
  }
}

/**
 * Runs a command and all that it starts, with a fault below it or none, until the last of them has ended. Node gets one thread for
 * files, so that the nth call is the same one each time.
 */
export async function traced(
  command: readonly string[],
  { env, log, fault }: { readonly env: Readonly<Record<string, string>>; log: string; fault?: KernelFault },
): Promise<Traced> {
  const limit = fault?.kind === 'short' ? ['prlimit', `--fsize=${fault.bytes}`] : [];
  // A signal would not be sent to who is only looked at where it asks for it.
  const quick = fault?.kind === 'death' ? [] : ['--seccomp-bpf'];
  const inject = fault === undefined || fault.kind === 'short' ? [] : ['-e', injection(fault)];
  const args = ['-f', '-qq', '-y', '-s', '16', ...quick, '-e', `trace=${writing}`, ...inject, '-o', log];
  const subprocess = execa('strace', [...args, ...limit, ...command], {
    env: { ...env, UV_THREADPOOL_SIZE: '1' },
    extendEnv: false,
    reject: false,
    stdin: 'ignore',
    stripFinalNewline: false,
    cwd: path.dirname(log),
    // A group of its own: what hangs below is not ended by the end of strace.
    detached: true,
  });
  let hangs = false;
  const limitTimer = setTimeout(() => {
    hangs = true;
    if (subprocess.pid !== undefined) process.kill(-subprocess.pid, 'SIGKILL');
  }, longestRunMs);
  const { exitCode, signal, stdout, stderr } = await subprocess;
  clearTimeout(limitTimer);
  if (hangs) throw new Error(`it hangs:\n${stdout}\n${stderr}`);
  return { code: exitCode, signal, stdout, stderr, calls: parse(await fs.readFile(log, 'utf8')) };
}

function injection(fault: Exclude<KernelFault, { kind: 'short' }>): string {
  const { kind, call, nth } = fault;
  const does = kind === 'error' ? `error=${fault.code}` : kind === 'lost' ? 'retval=0' : 'signal=KILL';
  return `inject=${call}:${does}:when=${nth}`;
}

function parse(log: string): Call[] {
  const counts = new Map<string, number>();
  const calls: Call[] = [];
  for (const line of log.split('\n')) {
    const [, thread, name, text] = /^(\d+)\s+(\w+)\((.*)$/.exec(line) ?? [];
    if (thread === undefined || name === undefined || text === undefined) continue;
    const key = `${thread} ${name}`;
    const nth = (counts.get(key) ?? 0) + 1;
    counts.set(key, nth);
    calls.push({ thread, name, nth, text, isInjected: /\(INJECTED\)$/.test(line) });
  }
  return calls;
}
