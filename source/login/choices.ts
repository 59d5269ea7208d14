import type { Cluster } from '../portal/clusters.ts';
import type { Profile } from '../profiles/profile.ts';
import { freeProfileName, type ProfileName } from '../profiles/profile-name.ts';
import type { Choice } from './options.ts';

/** Profile names proposed for clusters: one they already have, or a free one made from the cluster's name. */
export function proposeProfileNames(
  clusters: readonly Cluster[],
  profiles: readonly Profile[],
  workspace: string | undefined,
  reserved: readonly ProfileName[] = [],
): Map<Cluster, ProfileName> {
  const proposed = new Map<Cluster, ProfileName>();
  const taken = new Set<ProfileName>([...profiles.map(({ name }) => name), ...reserved]);
  for (const cluster of clusters) {
    const own = profiles.find(
      profile => profile.cluster.server === cluster.server && !reserved.includes(profile.name),
    );
    const candidates = [
      cluster.name,
      ...(workspace === undefined ? [] : [`${cluster.name}-${workspace}`]),
      ...(cluster.nameIsUnique ? [] : [`${cluster.name}-${cluster.hostname}`]),
      cluster.name,
    ];
    const name = own?.name ?? freeProfileName(candidates, candidate => taken.has(candidate));
    taken.add(name);
    proposed.set(cluster, name);
  }
  return proposed;
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
