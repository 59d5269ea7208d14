import { shellQuote } from '../../login/summary.ts';
import type { FindingCode } from '../catalogue.ts';
import type { Finding } from '../finding.ts';
import type { Landscape, User } from '../landscape.ts';
import { keptUnder } from '../plugin.ts';
import { finding, listed, quoted, userSubject } from './rule.ts';

/** One user, two clusters. */
export function sharedUsers({ users }: Landscape): Finding[] {
  return users.flatMap(user => {
    const { file, entry, clusters, plugin } = user;
    if (clusters.size < 2 || !holdsCredential(user)) return [];
    const isSent = user.exec !== undefined || entry.content['client-certificate-data'] === undefined;
    const contexts = [...clusters.values()].map(([first = '']) => quoted(first));
    return finding('SHARED_USER', {
      file,
      line: entry.line,
      subject: userSubject(user),
      message: `The ${userSubject(user)} serves ${clusters.size} clusters, by the contexts ${listed(contexts)}: ${listed([...clusters.keys()])}.`,
      // A certificate proves who one is without being given away.
      severity: isSent ? 'error' : 'warning',
      ...(plugin?.kind === 'konvoy' && fixByConversion(file)),
    });
  });
}

function holdsCredential({ exec, tokens, tokenFile, certificate, entry: { content } }: User): boolean {
  const isThere = (value: unknown) => value !== undefined && value !== null && value !== '';
  return (
    exec !== undefined ||
    tokens.length > 0 ||
    tokenFile !== undefined ||
    certificate !== undefined ||
    ['auth-provider', 'username', 'client-certificate'].some(field => isThere(content[field]))
  );
}

const fixByConversion = (file: string) => ({
  fix: 'Let dkp-auth give each cluster a profile of its own; it shows the change first.',
  command: `dkp-auth check --fix ${shellQuote(file)}`,
});

type Holding = {
  /** Equal for those who share. */
  readonly key: string;
  readonly user: User;
  line(): number;
  /** What is shared, in words that follow "The user X ". */
  readonly holds: string;
};

/** The same token, written out or in a file. */
export function sharedTokens({ users }: Landscape): Finding[] {
  const holdings = users.flatMap(user =>
    user.tokens.map(({ digest, line }) => ({ key: digest, user, line, holds: 'holds the same token as' })),
  );
  return sharedAcrossClusters('SHARED_TOKEN', holdings);
}

export function sharedTokenFiles({ users, machine }: Landscape): Finding[] {
  const holdings = users.flatMap(user => {
    const { tokenFile, entry } = user;
    if (tokenFile === undefined) return [];
    const key = machine.realPaths.get(tokenFile) ?? tokenFile;
    return {
      key,
      user,
      line: () => entry.lineOf('tokenFile'),
      holds: `reads ${quoted(tokenFile)}, and so does`,
    };
  });
  return sharedAcrossClusters('SHARED_TOKEN_FILE', holdings);
}

export function sharedProfiles({ users }: Landscape): Finding[] {
  const holdings = users.flatMap(user => {
    const kept = user.plugin && keptUnder(user.plugin);
    if (kept === undefined) return [];
    const holds = `asks ${quoted(kept.name)}, and so does`;
    return { key: kept.key, user, line: () => user.entry.lineOf('exec', 'args'), holds };
  });
  return sharedAcrossClusters('SHARED_PROFILE', holdings);
}

/** Users that share a thing although they are for different clusters; each is told of one that it shares with. */
function sharedAcrossClusters(code: FindingCode, holdings: readonly Holding[]): Finding[] {
  const groups = Map.groupBy(
    holdings.filter(({ user }) => user.clusters.size > 0),
    ({ key }) => key,
  );
  return [...groups.values()].flatMap(group => {
    const [first, ...rest] = group;
    if (first === undefined) return [];
    const other = rest.find(({ user }) => clustersOf(user) !== clustersOf(first.user));
    if (other === undefined) return [];
    return group.map(holding => {
      const with_ = clustersOf(holding.user) === clustersOf(first.user) ? other : first;
      return sharingFinding(code, holding, with_, group.length);
    });
  });
}

function clustersOf({ clusters }: User): string {
  return JSON.stringify([...clusters.keys()].sort());
}

function sharingFinding(
  code: FindingCode,
  { user, line, holds }: Holding,
  other: Holding,
  number: number,
): Finding {
  const more = number > 2 ? ` ${number} users share it.` : '';
  const clusters = (each: User) => listed([...each.clusters.keys()]);
  return finding(code, {
    file: user.file,
    line: line(),
    subject: userSubject(user),
    message: `The ${userSubject(user)} (${clusters(user)}) ${holds} the ${userSubject(other.user)} (${clusters(other.user)}).${more}`,
    related: [{ file: other.user.file, line: other.user.entry.line, what: userSubject(other.user) }],
    ...(user.plugin?.kind === 'konvoy' && fixByConversion(user.file)),
  });
}

/** Equal tokens under different names of the Konvoy plugin. */
export function equalKonvoyTokens({ machine: { konvoyTokens } }: Landscape): Finding[] {
  const groups = Map.groupBy(konvoyTokens, ([, { digest }]) => digest);
  return [...groups.values()].flatMap(group => {
    if (group.length < 2) return [];
    return group.map(([file], index) => {
      const [other = file] = group[index === 0 ? 1 : 0] ?? [];
      return finding('EQUAL_KONVOY_TOKENS', {
        file,
        line: 1,
        subject: 'token of the Konvoy plugin',
        message: `The Konvoy plugin keeps the same token here and in ${quoted(other)}${group.length > 2 ? ` (${group.length} files hold it)` : ''}.`,
        command: `rm ${shellQuote(file)}`,
        related: [{ file: other, line: 1, what: 'the same token' }],
      });
    });
  });
}
