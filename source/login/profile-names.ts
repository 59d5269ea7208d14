import { UserError } from '../errors.ts';
import type { Cluster } from '../portal/clusters.ts';
import { findCluster } from '../portal/find-cluster.ts';
import type { Profile } from '../profiles/profile.ts';
import type { ProfileName } from '../profiles/profile-name.ts';
import { profileTaken } from '../profiles/registry.ts';
import type { ProfileAnswers } from './answers.ts';
import { proposeProfileNames } from './choices.ts';

/**
 * The profile names that the answers give to clusters.
 * @throws UserError USAGE, UNKNOWN_CLUSTER, PROFILE_TAKEN
 */
export function answeredProfileNames(
  { single, byCluster }: ProfileAnswers,
  chosen: readonly Cluster[],
  profiles: readonly Profile[],
): Map<Cluster, ProfileName> {
  const names = new Map<Cluster, ProfileName>();
  const [first, second] = chosen;
  if (single !== undefined && first !== undefined) {
    if (second !== undefined) {
      throw new UserError(
        'USAGE',
        `--profile ${single} is one name, but ${chosen.length} clusters are chosen.`,
        {
          hint: 'A profile serves one cluster, always. Use --profile CLUSTER=NAME for each.',
        },
      );
    }
    names.set(first, single);
  }
  for (const [text, name] of byCluster) names.set(findCluster(chosen, text), name);
  assertFree(names, profiles);
  return names;
}

function assertFree(names: ReadonlyMap<Cluster, ProfileName>, profiles: readonly Profile[]): void {
  const owners = new Map(profiles.map(profile => [profile.name, profile]));
  const given = new Map<ProfileName, Cluster>();
  for (const [cluster, name] of names) {
    const owner = owners.get(name);
    if (owner !== undefined && owner.cluster.server !== cluster.server) throw profileTaken(owner);
    const other = given.get(name);
    if (other !== undefined) {
      throw new UserError(
        'PROFILE_TAKEN',
        `--profile gives the name "${name}" to two clusters: ${other.name} and ${cluster.name}.`,
        {
          hint: 'A profile serves one cluster, always.',
        },
      );
    }
    given.set(name, cluster);
  }
}

/** Names for the clusters the answers leave without one. */
export function completeProfileNames(
  names: ReadonlyMap<Cluster, ProfileName>,
  chosen: readonly Cluster[],
  profiles: readonly Profile[],
  workspace: string | undefined,
  /** All there are, where `profiles` are only those that may be used again. */
  existing: readonly Profile[] = profiles,
  /** Names whose files cannot be read. */
  spoilt: readonly ProfileName[] = [],
): Map<Cluster, ProfileName> {
  const open = chosen.filter(cluster => !names.has(cluster));
  const usable = new Set(profiles);
  const reserved = [
    ...names.values(),
    ...spoilt,
    ...existing.filter(profile => !usable.has(profile)).map(({ name }) => name),
  ];
  const proposed = proposeProfileNames(open, profiles, workspace, reserved);
  return new Map([...names, ...proposed]);
}
