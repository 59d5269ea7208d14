import path from 'node:path';
import { type Credential, readCredential } from '../credentials/credential.ts';
import { type Isolation, isolationOf } from '../login/isolation.ts';
import { parseLoginLink } from '../portal/login-link.ts';
import type { Profile } from '../profiles/profile.ts';
import { installationOf } from '../profiles/registry.ts';
import { listFolder } from '../system/files.ts';
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

/** What is known here of profiles; asks no server. */
export async function collectStatus(
  profiles: readonly Profile[],
  paths: Paths,
  now: () => number = Date.now,
): Promise<ProfileStatus[]> {
  const sessions = await sessionIds(profiles, paths);
  return Promise.all(
    profiles.map(profile => statusOf(profile, profiles, { paths, sessions, now: now() / 1000 })),
  );
}

type Surroundings = { readonly paths: Paths; readonly sessions: ReadonlySet<string>; readonly now: number };

async function statusOf(
  profile: Profile,
  profiles: readonly Profile[],
  { paths, sessions, now }: Surroundings,
): Promise<ProfileStatus> {
  const { name, cluster, account, signIn, issuer, portal } = profile;
  const stored = await readCredential(paths, name);
  const credential = stored !== undefined && belongsTo(stored, profile) ? stored : undefined;
  // Two profiles of one cluster are no two clusters; another issuer's tokens are rejected anyway.
  const others = profiles.filter(other => other.issuer === issuer && other.cluster.server !== cluster.server);
  const renewal = await renewalOf(profile, sessions);
  const isGood = credential !== undefined && credential.expiresAt > now;
  return {
    name,
    cluster: plainText(cluster.name),
    server: cluster.server,
    portal: installationOf(profile),
    workspace: workspaceOf(portal.loginLink),
    account: account === undefined ? null : plainText(account.label),
    groups: credential === undefined ? [] : groupsIn(credential.token),
    signIn,
    isolation: isolationOf(profile, others),
    expiresAt: credential === undefined ? null : new Date(credential.expiresAt * 1000).toISOString(),
    renewal,
    needsLogin: !isGood && renewal !== 'by-itself',
    kubeconfigs: await kubeconfigsOf(profile),
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

async function kubeconfigsOf({ name, kubeconfigs }: Profile): Promise<KubeconfigPlace[]> {
  return Promise.all(
    kubeconfigs.map(async file => ({
      path: file,
      context: name,
      exists: (await writtenAt(file)) !== undefined,
    })),
  );
}
