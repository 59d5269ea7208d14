import path from 'node:path';
import type { ProfileName } from '../profiles/profile-name.ts';
import type { Paths } from '../system/paths.ts';
import { readPrivateFileNow } from '../system/private-file.ts';
import type { ClusterText } from './caller-cluster.ts';

// A kubeconfig that somebody edited and one that a program wrote: more are hardly met.
const most = 4;

/**
 * Other ways in which callers were seen to write a profile's cluster, each found to be the bound one. The first line is the
 * bound cluster itself: the others mean that one alone, so they say nothing about a profile that is bound anew. Nothing
 * here is secret, and nothing is lost with it. source/token.sh reads it too.
 */
export function spellingsFile(paths: Paths, profile: ProfileName): string {
  return path.join(paths.callers, `${profile}.clusters`);
}

export function readSpellings(paths: Paths, profile: ProfileName, bound: ClusterText): ClusterText[] {
  try {
    const [first, ...others] = (readPrivateFileNow(spellingsFile(paths, profile)) ?? '')
      .trimEnd()
      .split('\n');
    return first === bound && bound !== '' ? others : [];
  } catch {
    return [];
  }
}

/** What the file holds once another way to write the bound cluster was met: the latest first, and not too many. */
export function formatSpellings(bound: ClusterText, latest: ClusterText, former: ClusterText[]): string {
  const others = former.filter(other => other !== latest).slice(0, most - 1);
  return `${[bound, latest, ...others].join('\n')}\n`;
}
