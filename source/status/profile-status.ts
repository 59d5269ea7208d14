import path from 'node:path';
import { type Credential, readCredential } from '../credentials/credential.ts';
import { type Isolation, isolationAmong } from '../login/isolation.ts';
import { parseLoginLink } from '../portal/login-link.ts';
import type { Profile } from '../profiles/profile.ts';
import { installationOf } from '../profiles/registry.ts';
import { listFolder } from '../system/files.ts';
import { mapLimited } from '../system/limited.ts';
import type { Paths } from '../system/paths.ts';
import { writtenAt } from '../system/survey.ts';
import { plainText } from '../text.ts';
import type { ServerReview } from './server-review.ts';

/** How a token is followed by the next: without the person, when kubectl asks the person, or by a command alone. */
export type Renewal = 'by-itself' | 'asks' | 'by-command';

export type KubeconfigPlace = {
  readonly path: string;
  /** The context as it was written. */
  readonly context: string;
  readonly exists: boolean;
};

/** What `dkp-auth status --json` prints of a profile. */
export type ProfileStatus = {
  readonly name: string;
  readonly cluster: string;
  readonly server: string;
  readonly portal: string;
  readonly workspace: string | null;
  readonly account: string | null;
  readonly groups: readonly string[];
  readonly signIn: Profile['signIn'];
  readonly isolation: Isolation;
  /** ISO 8601; null when there is no token. */
  readonly expiresAt: string | null;
  readonly renewal: Renewal;
  /** There is no good token, and none will come without the person. */
  readonly needsLogin: boolean;
  readonly kubeconfigs: readonly KubeconfigPlace[];
  /** With `--check-server`: what the API server said. */
  readonly serverReview?: ServerReview;
};

/** Tokens with their certificate authorities are not all to be in memory at once. */
const readAtOnce = 16;

/**
 * What is known here of the profiles in `chosen`; asks no server. How far apart their tokens are is told by all of
 * `profiles`, which are all there are.
 */
export async function collectStatus(
  chosen: readonly Profile[],
  profiles: readonly Profile[],
  paths: Paths,
): Promise<ProfileStatus[]> {
  const surroundings: Surroundings = {
    paths,
    sessions: await sessionIds(chosen, paths),
    isolation: isolationAmong(profiles),
    isThere: onceEach(async file => (await writtenAt(file)) !== undefined),
  };
  return mapLimited(chosen, readAtOnce, profile => statusOf(profile, surroundings));
}

type Surroundings = {
  readonly paths: Paths;
  readonly sessions: ReadonlySet<string>;
  readonly isolation: (profile: Profile) => Isolation;
  readonly isThere: (file: string) => Promise<boolean>;
};

/** Thousands of profiles may stand in one kubeconfig. */
function onceEach<Answer>(look: (file: string) => Promise<Answer>): (file: string) => Promise<Answer> {
  const answers = new Map<string, Promise<Answer>>();
  return file => {
    const answer = answers.get(file) ?? look(file);
    answers.set(file, answer);
    return answer;
  };
}

async function statusOf(
  profile: Profile,
  { paths, sessions, isolation, isThere }: Surroundings,
): Promise<ProfileStatus> {
  const { name, cluster, account, signIn, portal } = profile;
  const stored = await readCredential(paths, name);
  const credential = stored !== undefined && belongsTo(stored, profile) ? stored : undefined;
  const renewal = await renewalOf(profile, sessions);
  const isGood = credential !== undefined && credential.expiresAt > Date.now() / 1000;
  return {
    name,
    cluster: plainText(cluster.name),
    server: cluster.server,
    portal: installationOf(profile),
    workspace: workspaceOf(portal.loginLink),
    account: account === undefined ? null : plainText(account.label),
    groups: credential === undefined ? [] : groupsIn(credential.token),
    signIn,
    isolation: isolation(profile),
    expiresAt: credential === undefined ? null : new Date(credential.expiresAt * 1000).toISOString(),
    renewal,
    needsLogin: !isGood && renewal !== 'by-itself',
    kubeconfigs: await kubeconfigsOf(profile, isThere),
  };
}

/** Whether a stored token is this profile's own, as the plugin sees it. */
export function belongsTo({ server, issuer, subject }: Credential, profile: Profile): boolean {
  const { cluster, account } = profile;
  return server === cluster.server && issuer === profile.issuer && (account?.subject ?? subject) === subject;
}

function workspaceOf(loginLink: string | undefined): string | null {
  try {
    return (loginLink === undefined ? undefined : parseLoginLink(loginLink).workspace) ?? null;
  } catch {
    // A link that somebody has edited is the doctor's to tell.
    return null;
  }
}

/** The token was checked when it was stored; here it is only read. */
function groupsIn(token: string): string[] {
  try {
    const claims: unknown = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8'));
    const groups = (claims as { groups?: unknown }).groups;
    return Array.isArray(groups) ? groups.slice(0, 1000).map(group => plainText(String(group))) : [];
  } catch {
    return [];
  }
}

async function renewalOf(profile: Profile, sessions: ReadonlySet<string>): Promise<Renewal> {
  const { signIn, client, account, issuer, signedOut } = profile;
  if (signIn === 'client-credentials' || signIn === 'token-exchange') return 'by-itself';
  if (client !== undefined && account !== undefined && signedOut !== true && sessions.size > 0) {
    const { sessionId } = await import('../credentials/session.ts');
    if (sessions.has(sessionId({ issuer, clientId: client.id, account }))) return 'by-itself';
  }
  return signIn === 'portal' || signIn === 'browser' || signIn === 'device' ? 'asks' : 'by-command';
}

/** Sessions that are kept, by their files: what is in them takes the keyring to tell. */
async function sessionIds(profiles: readonly Profile[], paths: Paths): Promise<Set<string>> {
  if (profiles.every(({ client }) => client === undefined)) return new Set();
  const files = await listFolder(path.join(paths.state, 'sessions'));
  return new Set(files.filter(file => file.endsWith('.json')).map(file => file.slice(0, -'.json'.length)));
}

async function kubeconfigsOf(
  { name, kubeconfigs }: Profile,
  isThere: Surroundings['isThere'],
): Promise<KubeconfigPlace[]> {
  return Promise.all(
    kubeconfigs.map(async file => ({ path: file, context: name, exists: await isThere(file) })),
  );
}
