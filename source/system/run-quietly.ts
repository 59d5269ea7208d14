import { execa } from 'execa';
import type { Environment } from './paths.ts';

export type Ran =
  | { readonly kind: 'ended'; readonly code: number; readonly stdout: string }
  | { readonly kind: 'missing' }
  | { readonly kind: 'failed'; readonly why: string };

/** Runs a program without a shell and keeps what it prints to ourselves. */
export async function runQuietly(
  program: string,
  args: readonly string[],
  { env, signal }: { readonly env: Environment; readonly signal: AbortSignal },
): Promise<Ran> {
  const result = await execa(program, args, {
    env: Object.fromEntries(Object.entries(env).filter(entry => entry[1] !== undefined)),
    extendEnv: false,
    cancelSignal: signal,
    forceKillAfterDelay: 500,
    stdin: 'ignore',
    stderr: 'ignore',
    maxBuffer: 1_000_000,
    reject: false,
  });
  if (result.exitCode !== undefined) return { kind: 'ended', code: result.exitCode, stdout: result.stdout };
  return result.code === 'ENOENT'
    ? { kind: 'missing' }
    : { kind: 'failed', why: result.code ?? 'it was ended' };
}
