import * as v from 'valibot';
import { UserError } from '../errors.ts';
import { isProfileName, type ProfileName } from './profile-name.ts';

const text = (length: number) => v.pipe(v.string(), v.maxLength(length));

/** The ways to get a credential that a person can choose from. */
export const signInWays = ['portal', 'page'] as const;

const accountSchema = v.object({
  /** `iss` and `sub` of the ID token: together they are the account (OpenID Connect Core, section 5.7). */
  issuer: text(2000),
  subject: text(1000),
  /** For people: e-mail address or user name. */
  label: text(300),
});

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
    loginLink: text(2000),
    /** PEM of what the person chose to trust for the portal, or absent for the system's authorities. */
    ca: v.optional(text(200_000)),
  }),
  identityProvider: v.optional(text(200)),
  signIn: v.picklist(signInWays),
  /** Pinned at the first login; absent until then. */
  account: v.optional(accountSchema),
  /** Files in which the profile was written. */
  kubeconfigs: v.array(text(5000)),
});

/** A name on this machine, bound to exactly one cluster of one portal. */
export type Profile = v.InferOutput<typeof profileSchema>;
export type Account = v.InferOutput<typeof accountSchema>;
export type SignInWay = Profile['signIn'];

export function sameAccount(a: Account, b: Account): boolean {
  return a.issuer === b.issuer && a.subject === b.subject;
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
