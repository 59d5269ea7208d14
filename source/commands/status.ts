import { parseArgs } from 'node:util';
import { UserError } from '../errors.ts';
import type { Profile } from '../profiles/profile.ts';
import { parseProfileName } from '../profiles/profile-name.ts';
import { findProfile, listProfiles } from '../profiles/registry.ts';
import { collectStatus, type ProfileStatus } from '../status/profile-status.ts';
import { formatProfile, formatTable } from '../status/table.ts';
import { pathsOf } from '../system/paths.ts';
import { type Streams, write } from '../system/streams.ts';
import { statusFlags } from './define/status.ts';

export type StatusFlags = {
  readonly json?: boolean;
  readonly watch?: boolean;
  readonly checkServer?: boolean;
  readonly exitCode?: boolean;
};

/**
 * The flags of a plain call, which is most of them; people call `status` in prompts and loops.
 * @returns undefined where there is more to tell, an error or help
 */
export function parseStatus(args: readonly string[]): { names: string[]; flags: StatusFlags } | undefined {
  const options = Object.fromEntries(
    Object.keys(statusFlags).map(name => [name, { type: 'boolean' as const }]),
  );
  try {
    const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true });
    const flags = Object.entries(values).map(([name, value]) => [name.replace(/-(.)/g, upper), value]);
    return { names: positionals, flags: Object.fromEntries(flags) };
  } catch {
    return undefined;
  }
}

const upper = (_all: string, letter: string) => letter.toUpperCase();

/** Prints what is known of every profile, or of those named; asks servers only with `--check-server`. */
export async function status(
  names: readonly string[],
  flags: StatusFlags,
  streams: Streams,
  signal: AbortSignal,
): Promise<void> {
  const { env, stdout } = streams;
  if (flags.watch && flags.json) throw new UserError('USAGE', '--watch and --json do not go together.');
  const paths = pathsOf(env);
  const wanted = names.map(parseProfileName);
  const collect = async () => {
    const profiles = await listProfiles(paths);
    const chosen = wanted.length === 0 ? profiles : wanted.map(name => findProfile(profiles, name));
    // How far apart tokens are is told by all profiles, also when one is asked for.
    const rows = (await collectStatus(profiles, paths)).filter(row =>
      chosen.some(({ name }) => name === row.name),
    );
    return flags.checkServer ? withReviews(rows, chosen, streams, signal) : rows;
  };
  if (flags.watch) {
    const { watchStatus } = await import('../status/watch.ts');
    return watchStatus({ collect, streams, signal });
  }
  const rows = await collect();
  const view = { columns: stdout.isTTY ? stdout.columns || 80 : undefined, env, now: Date.now() };
  const text = flags.json
    ? `${JSON.stringify({ profiles: rows }, undefined, 2)}\n`
    : wanted.length > 0
      ? `${rows.map(row => formatProfile(row, view)).join('\n\n')}\n`
      : formatTable(rows, view);
  await write(stdout, text);
  if (flags.exitCode) requireLogins(rows);
}

async function withReviews(
  rows: readonly ProfileStatus[],
  profiles: readonly Profile[],
  streams: Streams,
  signal: AbortSignal,
): Promise<ProfileStatus[]> {
  const { withSettings } = await import('../settings/resolve.ts');
  const { reviewAll } = await import('../status/server-review.ts');
  const { chooseProxies } = await import('../system/proxy.ts');
  const paths = pathsOf(streams.env);
  const { env } = await withSettings(streams, paths);
  const reviews = await reviewAll(profiles, {
    paths,
    proxies: chooseProxies(undefined, env),
    signal,
  });
  return rows.map(row => {
    const serverReview = reviews.get(row.name);
    return serverReview === undefined ? row : { ...row, serverReview };
  });
}

/** A token that its API server rejects needs a login as much as one that is over. */
function requireLogins(rows: readonly ProfileStatus[]): void {
  const needing = rows.filter(row => row.needsLogin || row.serverReview?.answer === 'rejected');
  const [first] = needing;
  if (first === undefined) return;
  const list = needing.map(({ name }) => name).join(', ');
  throw new UserError('LOGIN_NEEDED', `A login is needed for: ${list}.`, {
    hint: `Run: dkp-auth login --profile ${first.name}`,
    isTold: true,
  });
}
