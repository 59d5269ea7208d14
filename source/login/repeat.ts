import { type Credential, credentialOf, writeCredential } from '../credentials/credential.ts';
import type { IdToken } from '../credentials/id-token.ts';
import { toUserError } from '../errors.ts';
import { parseLoginLink } from '../portal/login-link.ts';
import { openPortal } from '../portal/portal.ts';
import type { Profile } from '../profiles/profile.ts';
import { claimProfile } from '../profiles/registry.ts';
import type { Paths } from '../system/paths.ts';
import type { Streams } from '../system/streams.ts';
import { signInOnCommandLine } from './sign-in.ts';
import { shellQuote } from './summary.ts';

/** The command that signs in to a profile again. */
export function repeatLogin(profile: Profile): string {
  const args = ['dkp-auth', 'login', profile.portal.loginLink, '--cluster', profile.cluster.server];
  if (profile.identityProvider !== undefined) args.push('--idp', profile.identityProvider);
  if (profile.signIn !== 'portal') args.push('--sign-in', profile.signIn);
  args.push('--method', '2', '--profile', profile.name);
  return args.map(shellQuote).join(' ');
}

/**
 * A portal sign-in for one profile while kubectl waits; nothing is asked, an address is shown on stderr.
 * A login that cannot be stored still serves this call.
 */
export async function signInForKubectl(
  profile: Profile,
  { paths, streams, signal }: { paths: Paths; streams: Streams; signal: AbortSignal },
): Promise<Credential> {
  const { ca } = profile.portal;
  const trust = ca === undefined ? ({ kind: 'system' } as const) : ({ kind: 'authority', pem: ca } as const);
  const portal = openPortal(parseLoginLink(profile.portal.loginLink), trust);
  try {
    const { cluster, issuer, identityProvider } = profile;
    const choice = {
      cluster: { ...cluster, ca: cluster.ca, issuer, nameIsUnique: true },
      profile: profile.name,
      signIn: profile.signIn,
    };
    const browser = { env: streams.env };
    const context = { portal, identityProvider, paths, streams, browser, signal, timeoutSeconds: undefined };
    const token = await signInOnCommandLine(choice, context);
    const credential = credentialOf(profile, token);
    await keep(profile, token, credential, paths, streams);
    return credential;
  } finally {
    await portal.close();
  }
}

async function keep(
  profile: Profile,
  token: IdToken,
  credential: Credential,
  paths: Paths,
  streams: Streams,
): Promise<void> {
  await claimProfile(paths, { ...profile, account: token.account });
  try {
    await writeCredential(paths, profile.name, credential);
  } catch (error) {
    streams.stderr.write(
      `The token could not be kept, so the next call signs in again: ${toUserError(error).message}\n`,
    );
  }
}
