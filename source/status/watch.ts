import { setTimeout as sleep } from 'node:timers/promises';
import { isAbort } from '../errors.ts';
import { type Streams, write } from '../system/streams.ts';
import { describeTerminal } from '../system/terminal.ts';
import { localTime } from '../time-text.ts';
import type { ProfileStatus } from './profile-status.ts';
import { formatTable } from './table.ts';

const everyMs = 2_000;
const clearBelow = '\u001b[0J';

export type Watching = {
  collect(): Promise<ProfileStatus[]>;
  readonly streams: Streams;
  readonly signal: AbortSignal;
};

/** Shows the table again and again until it is stopped: in place on a terminal, and line by line what changes elsewhere. */
export async function watchStatus({ collect, streams, signal }: Watching): Promise<void> {
  const { env, stdin, stdout } = streams;
  const { cursorControl } = describeTerminal(env, { stdin, stderr: stdout });
  const show = stdout.isTTY && cursorControl ? redraw(streams) : tellChanges(streams);
  // A reader that went away wants no more; standard output itself stays writable for ever.
  const gone = new AbortController();
  stdout.once('error', () => gone.abort());
  const until = AbortSignal.any([signal, gone.signal]);
  try {
    for (;;) {
      await show(await collect());
      await sleep(everyMs, undefined, { signal: until });
    }
  } catch (error) {
    // Stopping it is the way to end it, and nothing to complain of.
    if (!isAbort(error)) throw error;
  }
}

type Show = (rows: readonly ProfileStatus[]) => Promise<void>;

function redraw({ env, stdout }: Streams): Show {
  let drawn = 0;
  return async rows => {
    const columns = stdout.columns || 80;
    const height = (stdout.rows || 24) - 1;
    const all = formatTable(rows, { columns, env, now: Date.now() }).trimEnd().split('\n');
    const cut =
      all.length > height ? [...all.slice(0, height - 1), `and ${all.length - height + 1} more lines`] : all;
    const lines = cut.map(line => [...line].slice(0, columns).join(''));
    const up = drawn === 0 ? '' : `\u001b[${drawn}A`;
    drawn = lines.length;
    await write(stdout, `${up}\r${clearBelow}${lines.join('\n')}\n`);
  };
}

function tellChanges({ stdout }: Streams): Show {
  const known = new Map<string, string>();
  return async rows => {
    const now = Date.now();
    const present = new Map(rows.map(row => [row.name, stateOf(row, now)]));
    const changed = [...present].filter(([name, state]) => known.get(name) !== state);
    const gone = [...known.keys()].filter(name => !present.has(name)).map(name => [name, 'gone'] as const);
    for (const [name, state] of [...changed, ...gone]) {
      if (state === 'gone') known.delete(name);
      else known.set(name, state);
      await write(stdout, `${localTime(now / 1000)} ${name}: ${state}\n`);
    }
  };
}

/** What of a profile is worth a line when it changes; the passing of time alone is not. */
function stateOf({ expiresAt, needsLogin, account, serverReview }: ProfileStatus, now: number): string {
  const end = expiresAt === null ? undefined : Date.parse(expiresAt);
  const token =
    end === undefined ? 'no token' : `${end > now ? 'good until' : 'over since'} ${localTime(end / 1000)}`;
  return [
    token,
    ...(needsLogin ? ['login needed'] : []),
    ...(account === null ? [] : [account]),
    ...(serverReview === undefined ? [] : [`API server: ${serverReview.answer}`]),
  ].join(', ');
}
