import * as v from 'valibot';
import { UserError } from '../errors.ts';
import { plainText } from '../text.ts';
import { isProfileName, type ProfileName } from './profile-name.ts';

const text = (length: number) => v.pipe(v.string(), v.maxLength(length));

/** The ways to get a credential that a person can choose from. */
export const signInWays = [
  'portal',
  'page',
  'browser',
  'device',
  'paste',
  'client-credentials',
  'token-exchange',
  'password',
] as const;

const accountSchema = v.object({
  /** `iss` and `sub` of the ID token: together they are the account (OpenID Connect Core, section 5.7). */
  issuer: text(2000),
  subject: text(1000),
  /** For people: e-mail address or user name. */
  label: text(300),
});

/** The OAuth client that signs in at the issuer; absent where the platform's token service does. */
const clientSchema = v.object({
  id: text(1000),
  scopes: v.array(text(1000)),
  extraParameters: v.record(text(200), text(2000)),
  tokenKind: v.picklist(['id-token', 'access-token']),
  /** Where to read what a machine signs in with; the secret itself is never in here. */
  secretFile: v.optional(text(5000)),
  subjectTokenFile: v.optional(text(5000)),
  subjectTokenEnv: v.optional(text(200)),
  certificateFile: v.optional(text(5000)),
  keyFile: v.optional(text(5000)),
  /** What the login was told about the issuer, for the command that repeats it; no secret is in it. */
  flags: v.optional(v.array(text(5000)), []),
  /** With the way `password`. */
  username: v.optional(text(1000)),
  listen: v.array(text(100)),
  redirectHost: v.optional(v.picklist(['127.0.0.1', 'localhost'])),
  credentialStore: v.picklist(['auto', 'keyring', 'file', 'none']),
});

/** How the cluster's token is told from the others' (see `ClusterAudience`). */
const audienceSchema = v.variant('kind', [
  v.object({ kind: v.literal('dex-client'), client: text(1000) }),
  v.object({ kind: v.literal('resource'), resource: text(2000) }),
  v.object({ kind: v.literal('audience'), audience: text(2000) }),
  v.object({ kind: v.literal('shared') }),
]);

const profileSchema = v.object({
  version: v.literal(1),
  name: v.custom<ProfileName>(name => typeof name === 'string' && isProfileName(name)),
  cluster: v.object({
    name: text(500),
    /** Normalized https address: the one API server this profile's token may be given out for. */
    server: text(2000),
    /** PEM, or absent for the system's authorities. */
    ca: v.optional(text(200_000)),
    hostname: text(500),
  }),
  issuer: text(2000),
  portal: v.object({
    /** Absent where an administrator's portal file or an issuer stands for the platform. */
    loginLink: v.optional(text(2000)),
    /** PEM of what the person chose to trust for the portal, or absent for the system's authorities. */
    ca: v.optional(text(200_000)),
  }),
  identityProvider: v.optional(text(200)),
  signIn: v.picklist(signInWays),
  client: v.optional(clientSchema),
  audience: v.optional(audienceSchema),
  /** Pinned at the first login; absent until then. */
  account: v.optional(accountSchema),
  /** The person left while other profiles went on with the same login: only a new one brings a token. */
  signedOut: v.optional(v.literal(true)),
  /**
   * Whether a program that does not say which API server it asks for gets the token all the same (`any`). Absent: it does
   * not, because our kubeconfig entries have every client-go say so.
   */
  callers: v.optional(v.picklist(['must-name-cluster', 'any'])),
  /** Files in which the profile was written. */
  kubeconfigs: v.array(text(5000)),
});

/** A name on this machine, bound to exactly one cluster of one portal. */
export type Profile = v.InferOutput<typeof profileSchema>;
export type Account = v.InferOutput<typeof accountSchema>;
export type SignInWay = Profile['signIn'];
export type ProfileClient = v.InferOutput<typeof clientSchema>;

/**
 * Whether a profile's tokens are renewed without the person: a machine signs in by itself, and at an issuer a login
 * leaves a session, unless it was told to keep none, or the profile was signed out of it.
 */
export function renewsAlone({
  signIn,
  client,
  signedOut,
}: Pick<Profile, 'signIn' | 'client' | 'signedOut'>): boolean {
  if (client === undefined) return false;
  return isMachine(signIn) || (client.credentialStore !== 'none' && signedOut !== true);
}

/** A profile after a login. */
export function signedInTo({ signedOut: _, ...profile }: Profile, account: Account): Profile {
  return { ...profile, account };
}

/** Ways to sign in that need no person. */
export const isMachine = (way: SignInWay) => way === 'client-credentials' || way === 'token-exchange';

export function sameAccount(a: Account, b: Account): boolean {
  return a.issuer === b.issuer && a.subject === b.subject;
}

/** Two accounts in words that differ: people may be called the same, or be known to two issuers. */
export function toldApart(a: Account, b: Account): readonly [string, string] {
  if (a.label !== b.label) return [a.label, b.label];
  const told = ({ issuer, subject, label }: Account) =>
    `${label} (${a.issuer === b.issuer ? `subject ${plainText(subject, 1000)}` : `of ${plainText(issuer, 2000)}`})`;
  return [told(a), told(b)];
}

/** @throws UserError STORE_INVALID */
export function parseProfile(content: string, file: string): Profile {
  let data: unknown;
  try {
    data = JSON.parse(content);
  } catch (error) {
    throw unreadable(file, error);
  }
  const result = v.safeParse(profileSchema, data);
  if (!result.success) throw unreadable(file, undefined);
  return result.output;
}

export function formatProfile(profile: Profile): string {
  return `${JSON.stringify(profile, undefined, 2)}\n`;
}

function unreadable(file: string, cause: unknown): UserError {
  return new UserError('STORE_INVALID', `${file} is not a profile of this program.`, {
    hint: 'Remove the file and run dkp-auth login again.',
    cause,
  });
}
