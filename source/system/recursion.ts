import type { Environment } from './paths.ts';
import { ownIdentity, presenceOf } from './process-identity.ts';

const variable = 'DKP_AUTH_TOKEN_CALL';
/** Where a process cannot be told from a later one with its number, it is believed to be the same for this long. */
const trustedMs = 30 * 60_000;

type Mark = { host: string; pid: number; start: string | null; at: number };

/** Lets the processes that this one starts know below what they run. A browser may live on: so the mark says who it was. */
export async function markDescendants(): Promise<void> {
  const mark: Mark = { ...(await ownIdentity()), at: Date.now() };
  process.env[variable] = JSON.stringify(mark);
}

/** For a process that outlives this one. */
export function withoutMark({ [variable]: _, ...env }: Environment): Environment {
  return env;
}

/** Whether one of this process's ancestors made the mark and is still there. */
export async function runsBelowItself(env: Environment): Promise<boolean> {
  const mark = parse(env[variable]);
  if (mark === undefined) return false;
  const presence = await presenceOf(mark);
  return presence === 'there' || (presence === 'unknown' && Math.abs(Date.now() - mark.at) < trustedMs);
}

function parse(text: string | undefined): Mark | undefined {
  if (text === undefined) return undefined;
  try {
    const { host, pid, start, at } = JSON.parse(text) as Record<string, unknown>;
    if (typeof host !== 'string' || typeof at !== 'number' || !Number.isInteger(pid)) return undefined;
    return { host, pid: Number(pid), start: typeof start === 'string' ? start : null, at };
  } catch {
    return undefined;
  }
}
