import { stockAudience } from '../../login/isolation.ts';
import type { Profile } from '../../profiles/profile.ts';
import { longestTokenLifeSeconds } from '../catalogue.ts';
import type { Finding } from '../finding.ts';
import type { HeldToken, Landscape, User } from '../landscape.ts';
import { finding, listed, quoted, userSubject } from './rule.ts';

/** Clocks differ, and a token is made a moment after it is asked for. */
const toleranceSeconds = 60;

/** Tokens that are over. */
export function expiredTokens(landscape: Landscape): Finding[] {
  return eachToken(landscape, (user, { claims, line }) => {
    if (claims?.expiresAt === undefined || claims.expiresAt > landscape.machine.now) return [];
    return finding('TOKEN_EXPIRED', {
      file: user.file,
      line: line(),
      subject: userSubject(user),
      message: `The token of the ${userSubject(user)} expired on ${dateOf(claims.expiresAt)}.`,
      command: 'dkp-auth login',
    });
  });
}

/** Files that are sent as a token and hold something else. */
export function notTokens({ users, machine }: Landscape): Finding[] {
  return users.flatMap(user => {
    const { file, entry, tokenFile } = user;
    const facts = tokenFile === undefined ? undefined : machine.tokenFiles.get(tokenFile);
    if (tokenFile === undefined || facts === undefined || facts.isOneWord) return [];
    return finding('NOT_A_TOKEN', {
      file,
      line: entry.lineOf('tokenFile'),
      subject: userSubject(user),
      message: `The ${userSubject(user)} reads its token from ${quoted(tokenFile)}, which holds something else.`,
    });
  });
}

/** Tokens of more than a day from issue to expiry, and those without an end. */
export function longLivedTokens(landscape: Landscape): Finding[] {
  return eachToken(landscape, (user, { claims, line }) => {
    if (claims === undefined) return [];
    const { expiresAt, issuedAt = landscape.machine.now } = claims;
    if (expiresAt !== undefined) {
      const isShort = expiresAt - issuedAt <= longestTokenLifeSeconds + toleranceSeconds;
      if (isShort || expiresAt <= landscape.machine.now) return [];
    }
    const how = expiresAt === undefined ? 'never expires' : `is good until ${dateOf(expiresAt)}`;
    return finding('TOKEN_LONG_LIVED', {
      file: user.file,
      line: line(),
      subject: userSubject(user),
      message: `The token of the ${userSubject(user)} ${how}.`,
    });
  });
}

/**
 * Tokens written out that more than one known cluster accepts. Which accept what is known from the clusters that such
 * tokens are sent to, from the clients of kubelogin, and from this machine's profiles.
 */
export function sharedAudiences(landscape: Landscape): Finding[] {
  const acceptors = acceptorsOf(landscape);
  return eachToken(landscape, (user, { claims, line }) => {
    if (user.clusters.size === 0 || claims?.issuer === undefined) return [];
    for (const audience of claims.audience) {
      const others = othersOf(acceptors.get(audienceKey(claims.issuer, audience)), user);
      if (others === undefined) continue;
      return finding('SHARED_AUDIENCE', {
        file: user.file,
        line: line(),
        subject: userSubject(user),
        message: `The token of the ${userSubject(user)} is for the audience ${quoted(audience)}, which ${others} accepts too.`,
      });
    }
    return [];
  });
}

/** This machine's profiles whose clusters accept each other's tokens: stored and sent apart, so only worth a note. */
export function sharedAudiencesOfProfiles(landscape: Landscape): Finding[] {
  const acceptors = acceptorsOf(landscape);
  const byName = new Map<string, Profile>(landscape.profiles.map(profile => [profile.name, profile]));
  return landscape.users.flatMap(user => {
    const profile = user.plugin?.kind === 'dkp-auth' ? byName.get(user.plugin.profile) : undefined;
    const audience = profile && audienceOf(profile);
    if (profile === undefined || audience === undefined || user.clusters.size === 0) return [];
    const others = othersOf(acceptors.get(audienceKey(profile.issuer, audience)), user);
    if (others === undefined) return [];
    return finding('SHARED_AUDIENCE', {
      severity: 'note',
      file: user.file,
      line: user.entry.line,
      subject: userSubject(user),
      message: `The profile ${quoted(profile.name)} has a token of its own, but its audience ${quoted(audience)} is one that ${others} accepts too.`,
    });
  });
}

/** One other cluster, and how many more there are. */
function othersOf(clusters: ReadonlySet<string> | undefined, user: User): string | undefined {
  let first: string | undefined;
  let own = 0;
  for (const cluster of user.clusters.keys()) if (clusters?.has(cluster)) own += 1;
  for (const cluster of clusters ?? []) {
    if (user.clusters.has(cluster)) continue;
    first = cluster;
    break;
  }
  if (first === undefined) return undefined;
  const more = (clusters?.size ?? 0) - own - 1;
  return more === 0 ? listed([first]) : `${listed([first])} (and ${more} more)`;
}

function eachToken(
  { users }: Landscape,
  look: (user: User, token: HeldToken) => Finding | Finding[],
): Finding[] {
  return users.flatMap(user => user.tokens.flatMap(token => look(user, token)));
}

function acceptorsOf({ users, profiles }: Landscape): Map<string, Set<string>> {
  const acceptors = new Map<string, Set<string>>();
  const add = (issuer: string, audience: string, cluster: string) => {
    const key = audienceKey(issuer, audience);
    const clusters = acceptors.get(key);
    if (clusters === undefined) acceptors.set(key, new Set([cluster]));
    else clusters.add(cluster);
  };
  for (const { tokens, plugin, clusters } of users) {
    for (const cluster of clusters.keys()) {
      for (const { claims } of tokens) {
        for (const audience of claims?.audience ?? []) {
          if (claims?.issuer !== undefined) add(claims.issuer, audience, cluster);
        }
      }
      if (plugin?.kind === 'kubelogin') add(plugin.issuer, plugin.client, cluster);
    }
  }
  for (const profile of profiles) {
    const audience = audienceOf(profile);
    if (audience !== undefined) add(profile.issuer, audience, profile.cluster.server);
  }
  return acceptors;
}

/** What the profile's cluster accepts; undefined where only the platform's page knows. */
function audienceOf({ audience, signIn }: Profile): string | undefined {
  switch (audience?.kind) {
    case 'dex-client':
      return audience.client;
    case 'audience':
      return audience.audience;
    case 'resource':
      return audience.resource;
    default:
      return signIn === 'page' ? undefined : stockAudience;
  }
}

function audienceKey(issuer: string, audience: string): string {
  return JSON.stringify([issuer, audience]);
}

/** A day is enough to see what is over; also for times that no calendar has. */
function dateOf(seconds: number): string {
  const date = new Date(seconds * 1000);
  return Number.isNaN(date.getTime()) ? 'a day beyond every calendar' : date.toISOString().slice(0, 10);
}
