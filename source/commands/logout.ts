import { UserError } from '../errors.ts';
import { type LoggedOut, logOut, type Revocation } from '../login/log-out.ts';
import { parseProfileName } from '../profiles/profile-name.ts';
import { findProfile, listProfiles } from '../profiles/registry.ts';
import { withSettings } from '../settings/resolve.ts';
import { pathsOf } from '../system/paths.ts';
import { type Streams, write } from '../system/streams.ts';

type LogoutFlags = { readonly all?: boolean; readonly json?: boolean };

/** Ends with 0 when everything is forgotten here, also where an issuer could not be told. */
export async function logout(
  names: readonly string[],
  { all, json }: LogoutFlags,
  given: Streams,
  signal: AbortSignal,
): Promise<void> {
  if (all && names.length > 0) throw usage('--all and names of profiles do not go together.');
  if (!all && names.length === 0) throw usage('Name the profiles to log out of, or give --all.');
  const paths = pathsOf(given.env);
  const streams = await withSettings(given, paths);
  const everyone = await listProfiles(paths);
  const wanted = all
    ? everyone
    : [...new Set(names)].map(name => findProfile(everyone, parseProfileName(name)));
  const outcomes = await logOut(wanted, everyone, { paths, streams, signal });
  await write(
    streams.stdout,
    json ? `${JSON.stringify({ profiles: outcomes.map(documentOf) }, undefined, 2)}\n` : format(outcomes),
  );
}

function usage(message: string): UserError {
  return new UserError('USAGE', message, { hint: 'See dkp-auth logout --help.' });
}

function documentOf({ profile, hadToken, session }: LoggedOut) {
  return {
    name: profile.name,
    hadToken,
    session: session.kind,
    sharedWith: session.kind === 'shared' ? session.with : [],
    message: session.kind === 'not-revoked' ? session.why : null,
  };
}

function format(outcomes: readonly LoggedOut[]): string {
  if (outcomes.length === 0) return 'There is no profile on this machine.\n';
  const lines = outcomes.map(
    ({ profile, hadToken, session }) =>
      `${profile.name}: ${hadToken ? 'the token is forgotten' : 'there was no token'}${sessionWords(session)}.`,
  );
  const left = outcomes.filter(({ session }) => session.kind === 'not-revoked');
  if (left.length > 0) {
    lines.push(
      '',
      `Not ended at the issuer: ${left.map(({ profile }) => profile.name).join(', ')}. Their logins end there by themselves.`,
    );
  }
  lines.push(
    '',
    'Kubeconfigs and profiles stay; a token that was given to kubectl is good until it ends.',
    '',
  );
  return lines.join('\n');
}

function sessionWords(session: Revocation): string {
  switch (session.kind) {
    case 'no-session':
      return '';
    case 'revoked':
      return '; the login at the issuer is ended';
    case 'shared':
      return `; the login goes on for ${session.with.join(', ')}`;
    case 'not-revoked':
      return `; the login is forgotten here, but not ended at the issuer: ${session.why}`;
  }
}
