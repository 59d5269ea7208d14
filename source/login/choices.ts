import type { Cluster } from '../portal/clusters.ts';
import type { Profile } from '../profiles/profile.ts';
import { freeProfileName, type Numbering, type ProfileName } from '../profiles/profile-name.ts';
import type { Choice } from './options.ts';

/** Profile names proposed for clusters: one they already have, or a free one made from the cluster's name. */
export function proposeProfileNames(
  clusters: readonly Cluster[],
  profiles: readonly Profile[],
  workspace: string | undefined,
  reserved: readonly ProfileName[] = [],
): Map<Cluster, ProfileName> {
  const proposed = new Map<Cluster, ProfileName>();
  const withheld = new Set(reserved);
  const taken = new Set<ProfileName>([...profiles.map(({ name }) => name), ...reserved]);
  const owned = firstOf(profiles.filter(({ name }) => !withheld.has(name)));
  const numbering: Numbering = new Map();
  for (const cluster of clusters) {
    const own = owned.get(cluster.server);
    const candidates = [
      cluster.name,
      ...(workspace === undefined ? [] : [`${cluster.name}-${workspace}`]),
      ...(cluster.nameIsUnique ? [] : [`${cluster.name}-${cluster.hostname}`]),
      cluster.name,
    ];
    const name = own?.name ?? freeProfileName(candidates, candidate => taken.has(candidate), numbering);
    taken.add(name);
    proposed.set(cluster, name);
  }
  return proposed;
}

/** The first profile of each API server. */
function firstOf(profiles: readonly Profile[]): ReadonlyMap<string, Profile> {
  const first = new Map<string, Profile>();
  for (const profile of profiles)
    if (!first.has(profile.cluster.server)) first.set(profile.cluster.server, profile);
  return first;
}

/**
 * How a cluster is signed in to where nobody chose. The portal's tokens have one audience for all clusters; one that
 * accepts none of it gets its tokens at its own page only.
 */
export function wayFor(
  accepted: readonly string[] | undefined,
  offered: readonly string[] | undefined,
): 'portal' | 'page' {
  const isKnown = accepted !== undefined && offered !== undefined;
  return isKnown && !accepted.some(audience => offered.includes(audience)) ? 'page' : 'portal';
}

/** The choices as they were made, but the one that the first login serves comes first. */
export function servedFirst(choices: readonly Choice[], isServed: (choice: Choice) => boolean): Choice[] {
  const served = choices.find(isServed);
  return served === undefined ? [...choices] : [served, ...choices.filter(choice => choice !== served)];
}
