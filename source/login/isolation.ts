import type { Profile } from '../profiles/profile.ts';
import { shortList } from '../text.ts';
import type { Choice } from './options.ts';

/**
 * How far apart a profile's token is from those of the others.
 * `audience`: the other clusters' API servers reject it. `separate`: stored and renewed apart and never sent elsewhere,
 * but clusters that accept the same audience would accept it.
 */
export type Isolation = 'audience' | 'separate';

/** The audience that all clusters of a stock DKP accept. */
export const stockAudience = 'kube-apiserver';

/** What of a choice, or of a profile, tells its tokens from others. */
type Told = Pick<Choice, 'signIn' | 'audience' | 'audiences'>;

export function isolationOf(choice: Told, choices: readonly Told[]): Isolation {
  const own = audiencesOf(choice);
  if (own === undefined) return 'separate';
  const isShared = choices.some(other => other !== choice && overlaps(own, audiencesOf(other)));
  return isShared ? 'separate' : 'audience';
}

type BoundProfile = Told & Pick<Profile, 'issuer' | 'cluster'>;

/**
 * How far apart the tokens of profiles are, each of which is looked at once. Two profiles of one cluster are no two
 * clusters, and another issuer's tokens are rejected anyway.
 * @returns what tells it of one of these profiles
 */
export function isolationAmong<Bound extends BoundProfile>(
  profiles: readonly Bound[],
): (profile: Bound) => Isolation {
  const issuers = new Map<string, Map<string, Set<string>>>();
  const acceptersOf = (issuer: string, audience: string) => {
    const audiences = entryOf(issuers, issuer, () => new Map<string, Set<string>>());
    return entryOf(audiences, audience, () => new Set<string>());
  };
  for (const profile of profiles) {
    const { issuer, cluster } = profile;
    for (const audience of audiencesOf(profile) ?? []) acceptersOf(issuer, audience).add(cluster.server);
  }
  return profile => {
    const own = audiencesOf(profile);
    const isAlone = own?.every(audience => acceptersOf(profile.issuer, audience).size <= 1) ?? false;
    return isAlone ? 'audience' : 'separate';
  };
}

function entryOf<Key, Value>(map: Map<Key, Value>, key: Key, make: () => Value): Value {
  const value = map.get(key) ?? make();
  map.set(key, value);
  return value;
}

/** What a choice's cluster is told by; undefined when others may well be told by the same. */
function audiencesOf({ signIn, audience, audiences }: Told): readonly string[] | undefined {
  switch (audience?.kind) {
    case 'dex-client':
      return [audience.client];
    case 'resource':
      return [audience.resource];
    case 'audience':
      return [audience.audience];
    case 'shared':
      return undefined;
    default:
      return signIn === 'page' && audiences?.includes(stockAudience) === false ? audiences : undefined;
  }
}

function overlaps(own: readonly string[], others: readonly string[] | undefined): boolean {
  return others?.some(audience => own.includes(audience)) ?? false;
}

/** A sentence that goes on for a screen is not read. */
const mostNamed = 8;

/** One sentence about several clusters; nothing to say about one. */
export function describeIsolation(choices: readonly Choice[]): string | undefined {
  if (choices.length < 2) return undefined;
  const uses = new Map<string, number>();
  for (const choice of choices)
    for (const audience of new Set(audiencesOf(choice))) uses.set(audience, (uses.get(audience) ?? 0) + 1);
  const isShared = (audience: string) => uses.get(audience) !== 1;
  const shared = choices.filter(choice => audiencesOf(choice)?.some(isShared) ?? true);
  if (shared.length === 0) return 'Isolated: none of these clusters accepts the token of another.';
  const names = shared.map(({ profile }) => profile);
  // One whose token another cluster may accept, though none of those chosen does.
  const [first, second] = names;
  const what =
    second === undefined
      ? `other clusters may accept the token of ${first}`
      : `${names.length === choices.length ? 'these clusters' : shortList(names, mostNamed)} would accept each other's`;
  return `Separate tokens, but ${what}; an administrator can change that: dkp-auth admin dex-client`;
}
