import { modifiedAt, replaceFile } from '../system/files.ts';
import { withLock } from '../system/lock.ts';
import { type Streams, write } from '../system/streams.ts';
import { plainText, shortList } from '../text.ts';
import type { KonvoyBinding } from './binding.ts';
import type { KonvoyPlace } from './tokens.ts';

const dayMs = 24 * 60 * 60 * 1000;
const mostNamed = 5;

/**
 * Says once a day, in one line, that a token is not one cluster's alone. The time of a file beside the token tells when
 * it was said last; where it cannot be written, it is said again.
 */
export async function warnOfSharing(
  place: KonvoyPlace,
  binding: KonvoyBinding,
  { stderr }: Pick<Streams, 'stderr'>,
  signal: AbortSignal,
): Promise<void> {
  if (binding.kind !== 'shared') return;
  const file = `${place.file}.warned`;
  if (!(await isDue(file))) return;
  const mayWarn = withLock(
    `${file}.lock`,
    async () => {
      if (!(await isDue(file))) return false;
      await replaceFile(file, '');
      return true;
    },
    { signal },
  ).catch(() => true);
  if (!(await mayWarn)) return;
  const name = plainText(place.user) || 'without a name';
  const servers = [...new Set(binding.clusters.map(({ server }) => server))];
  const fault =
    servers.length === 0
      ? `It cannot be seen which cluster the Konvoy profile "${name}" is used for, so all its clusters share one token.`
      : `The Konvoy profile "${name}" gives one token to ${servers.length} clusters: ${plainText(shortList(servers, mostNamed), 1000)}.`;
  await write(stderr, `konvoy-async-plugin: ${fault} To give each its own: dkp-auth check --fix\n`);
}

async function isDue(file: string): Promise<boolean> {
  const last = await modifiedAt(file);
  // A time in the future is of a clock that has been set back since.
  return last === undefined || Math.abs(Date.now() - last) >= dayMs;
}
