import { tokenRevocation } from 'openid-client';
import { forgetState } from '../credentials/profile-state.ts';
import { sessionId } from '../credentials/session.ts';
import { toUserError } from '../errors.ts';
import type { Portal } from '../portal/portal.ts';
import type { Profile, ProfileClient } from '../profiles/profile.ts';
import { updateProfile } from '../profiles/registry.ts';
import { configurationOf, connectIssuer } from '../sign-in/issuer-connection.ts';
import { plainText } from '../text.ts';
import { sessionsFor } from './issuer-login.ts';
import { issuerLoginOf, type RepeatContext, reopen } from './repeat.ts';

/** What became of what a login had left at the issuer. */
export type Revocation =
  /** The platform's tokens, and those pasted, come without anything to renew them with. */
  | { readonly kind: 'no-session' }
  | { readonly kind: 'revoked' }
  /** Other profiles go on with it. */
  | { readonly kind: 'shared'; readonly with: readonly string[] }
  /** Forgotten here, and left to end by itself at the issuer. */
  | { readonly kind: 'not-revoked'; readonly why: string };

export type LoggedOut = {
  readonly profile: Profile;
  readonly hadToken: boolean;
  readonly session: Revocation;
};

type Session = { readonly id: string; readonly profile: Profile; readonly client: ProfileClient };

const revocationMs = 10_000;

/**
 * Forgets the credentials of profiles; the profiles and their kubeconfigs stay, and each needs a login from now on. A session that no other profile uses is
 * ended at its issuer where that can be done (RFC 7009), and forgotten here in any case, so that it works offline.
 * @param everyone all profiles there are
 */
export async function logOut(
  profiles: readonly Profile[],
  everyone: readonly Profile[],
  context: RepeatContext,
): Promise<LoggedOut[]> {
  const leaving = new Set(profiles.map(({ name }) => name));
  const staying = everyone.filter(({ name }) => !leaving.has(name));
  const ended = new Map<string, Promise<Revocation>>();
  const endOnce = (session: Session) => {
    const users = staying
      .filter(other => !other.signedOut && sessionOf(other)?.id === session.id)
      .map(({ name }) => name);
    const ending: Promise<Revocation> =
      users.length > 0 ? Promise.resolve({ kind: 'shared', with: users }) : endSession(session, context);
    const known = ended.get(session.id) ?? ending;
    ended.set(session.id, known);
    return known;
  };
  const outcomes: LoggedOut[] = [];
  for (const profile of profiles) {
    const { paths } = context;
    const hadToken = await forgetState(paths, profile.name);
    const session = sessionOf(profile);
    const ending: Revocation = session === undefined ? { kind: 'no-session' } : await endOnce(session);
    if (ending.kind === 'shared') await updateProfile(paths, { ...profile, signedOut: true });
    // A renewal that was under way may have stored a token until the session was gone.
    const hasTokenSince = await forgetState(paths, profile.name);
    outcomes.push({ profile, hadToken: hadToken || hasTokenSince, session: ending });
  }
  return outcomes;
}

function sessionOf(profile: Profile): Session | undefined {
  const { account, client, issuer } = profile;
  if (client === undefined || account === undefined) return undefined;
  return { id: sessionId({ issuer, clientId: client.id, account }), profile, client };
}

async function endSession({ id, profile, client }: Session, context: RepeatContext): Promise<Revocation> {
  const choice = client.credentialStore === 'none' ? 'auto' : client.credentialStore;
  const sessions = sessionsFor(choice, { paths: context.paths, env: context.streams.env });
  const hold = { signal: context.signal };
  return sessions.hold(
    id,
    async held => {
      const read = await held.read();
      if (read.kind === 'none') return { kind: 'no-session' };
      const revocation: Revocation =
        read.kind === 'found'
          ? await revoke(profile, client, read.session.refreshToken, context)
          : {
              kind: 'not-revoked',
              why: read.kind === 'lost' ? 'it cannot be read any more' : read.error.message,
            };
      await held.remove();
      return revocation;
    },
    hold,
  );
}

async function revoke(
  profile: Profile,
  settings: ProfileClient,
  refreshToken: string,
  context: RepeatContext,
): Promise<Revocation> {
  const { signal } = context;
  const within = AbortSignal.any([signal, AbortSignal.timeout(revocationMs)]);
  let portal: Portal | undefined;
  try {
    portal = await reopen(profile, context);
    const { client } = await issuerLoginOf(profile, settings, context);
    const connection = await connectIssuer(portal.httpFor(client.issuer), client, within);
    if (connection.metadata.revocation_endpoint === undefined) {
      return { kind: 'not-revoked', why: 'the issuer offers no way to' };
    }
    await tokenRevocation(configurationOf(connection, within), refreshToken, {
      token_type_hint: 'refresh_token',
    });
    return { kind: 'revoked' };
  } catch (error) {
    signal.throwIfAborted();
    const why = within.aborted ? 'the issuer did not answer in time' : toUserError(error).message;
    return { kind: 'not-revoked', why: plainText(why.replace(/\.$/, '')) };
  } finally {
    await portal?.close();
  }
}
