import { UserError } from '../errors.ts';
import type { Profile } from '../profiles/profile.ts';
import type { ProfileStatus } from '../status/profile-status.ts';
import { pathsOf } from '../system/paths.ts';
import { type Streams, write } from '../system/streams.ts';
import { loginNeeded, type StatusFlags, statusRows, statusText } from './status-plain.ts';

/** Prints what is known of every profile, or of those named; asks servers only with `--check-server`. */
export async function status(
  names: readonly string[],
  flags: StatusFlags,
  streams: Streams,
  signal: AbortSignal,
): Promise<void> {
  if (flags.watch && flags.json) throw new UserError('USAGE', '--watch and --json do not go together.');
  const paths = pathsOf(streams.env);
  const collect = async () => {
    const { rows, chosen } = await statusRows(names, paths);
    return flags.checkServer ? withReviews(rows, chosen, streams, signal) : rows;
  };
  if (flags.watch) {
    const { watchStatus } = await import('../status/watch.ts');
    return watchStatus({ collect, streams, signal });
  }
  const rows = await collect();
  const { env, stdout } = streams;
  const columns = stdout.isTTY ? stdout.columns || 80 : undefined;
  await write(stdout, statusText(rows, { names, flags }, { env, columns }));
  const refusal = flags.exitCode ? loginNeeded(rows) : undefined;
  if (refusal !== undefined) throw refusal;
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
