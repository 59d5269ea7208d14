import { setTimeout as sleep } from 'node:timers/promises';
import { refreshTokenGrant, type TokenEndpointResponse } from 'openid-client';
import * as v from 'valibot';
import { UserError } from '../errors.ts';
import type { Account } from '../profiles/profile.ts';
import type { ClusterAudience, IssuerClient } from '../sign-in/issuer-client.ts';
import { configurationOf, connectIssuer, type IssuerConnection } from '../sign-in/issuer-connection.ts';
import { signedInWith } from '../sign-in/signed-in.ts';
import type { HttpClient, HttpResponse } from '../system/http.ts';
import { plainText } from '../text.ts';
import type { IdToken } from './id-token.ts';
import { type IssuerFailure, issuerFailure, loginNeeded } from './issuer-failure.ts';
import { narrow, type Wish } from './narrow.ts';
import { type Session, sessionId } from './session.ts';
import type { HeldSession, SessionRead, SessionStore } from './session-store.ts';

export type RenewOptions = {
  readonly http: HttpClient;
  readonly client: IssuerClient;
  readonly sessions: SessionStore;
  /** The account the profile is pinned to; with the client it names the session. */
  readonly account: Account;
  readonly audience: ClusterAudience;
  /** Where the issuer's metadata and keys were read already. */
  readonly connection?: IssuerConnection;
  readonly signal?: AbortSignal;
  /** How long to wait for others that renew with the same session, in milliseconds. */
  readonly timeoutMs?: number;
  /** How long another login may take to store the session for which the issuer has ended this one, in milliseconds. */
  readonly rivalMs?: number;
  /** Asked once it is our turn: whether another process has renewed this profile's token meanwhile. */
  readonly isDone?: () => Promise<boolean>;
  /** Stores the token before others of the session get their turn. */
  readonly keep?: (token: IdToken) => Promise<void>;
  /** Told how far it has come. */
  readonly onStep?: (step: RenewalStep) => void;
};

export type RenewalStep = 'turn' | 'read' | 'asked' | 'answered' | 'stored' | 'checked' | 'kept';

export type Renewal =
  /** `warning`: the token is good, but the session could not be stored, so the next renewal may need a login. */
  | {
      readonly kind: 'renewed';
      readonly token: IdToken;
      readonly session: Session;
      readonly warning: UserError | undefined;
    }
  /** `isDone` said so. */
  | { readonly kind: 'done' }
  /** No token for now; the session is kept. Whoever still has a good token goes on with it, and nobody signs in. */
  | { readonly kind: 'offline'; readonly error: UserError }
  /** One login helps, and nothing else does. */
  | { readonly kind: 'login-needed'; readonly reason: LoginReason; readonly error: UserError }
  /** The issuer gives no token for this profile, or one that is not for it; nothing of it was kept. */
  | { readonly kind: 'refused'; readonly error: UserError };

export type LoginReason =
  | 'no-session'
  /** Its key is gone from the keyring, or its file was damaged. */
  | 'lost-session'
  /** Revoked, expired, or ended by a later login elsewhere. */
  | 'ended'
  /** The login did not ask for this cluster. */
  | 'not-granted'
  /** The issuer renews without sending an ID token. */
  | 'no-token';

/** What a request for a new refresh token gets to end in after an abort: the answer must not get lost. */
const graceMs = 1500;
/** Within the seconds for which Dex accepts a replaced refresh token once more. */
const retryAfterMs = 250;
/** Looks at 0.1, 0.3 and 0.7 seconds: whoever cannot ask the person has to fail within one. */
const usualRivalMs = 700;
const firstLookMs = 100;
const never = new AbortController().signal;

/**
 * Gets one profile's token out of the session that it shares with others: asked for its own cluster alone, one profile
 * after the other, and never at the price of the session (an issuer takes a refresh token that it replaces only once).
 * A session that has ended because the same person signs in elsewhere on this machine is left for the one of that login, once.
 * @throws UserError STORE_INVALID, IO, what `keep` and `isDone` throw, and whatever the signal was aborted with
 */
export async function renewToken(options: RenewOptions): Promise<Renewal> {
  const { client, account, sessions, signal, timeoutMs } = options;
  const id = sessionId({ issuer: client.issuer, clientId: client.clientId, account });
  let used: Session | undefined;
  const once = () =>
    sessions.hold(
      id,
      held =>
        renewHeld(held, options, session => {
          used = session;
        }),
      { ...(signal && { signal }), ...(timeoutMs !== undefined && { timeoutMs }) },
    );
  try {
    const renewal = await once();
    const hasEnded = renewal.kind === 'login-needed' && renewal.reason === 'ended';
    return hasEnded && used !== undefined && (await isReplaced(used, options)) ? await once() : renewal;
  } catch (error) {
    signal?.throwIfAborted();
    if (error instanceof UserError && (error.code === 'LOCKED' || error.code === 'KEYRING_UNAVAILABLE')) {
      return { kind: 'offline', error };
    }
    throw error;
  }
}

/** Whether another process stores a newer session in place of this one, within a moment in which nobody holds it here. */
async function isReplaced(
  { id, refreshToken, previousRefreshToken }: Session,
  { sessions, signal, rivalMs = usualRivalMs }: RenewOptions,
): Promise<boolean> {
  for (let pause = firstLookMs, waited = 0; waited < rivalMs; waited += pause, pause *= 2) {
    await sleep(pause, undefined, { ...(signal && { signal }) });
    const read = await sessions.read(id);
    if (read.kind !== 'found') return false;
    const present = read.session.refreshToken;
    if (present !== refreshToken && present !== previousRefreshToken) return true;
  }
  return false;
}

/** @param onUse told of the session before the issuer is asked with it */
async function renewHeld(
  held: HeldSession,
  options: RenewOptions,
  onUse: (session: Session) => void,
): Promise<Renewal> {
  const { http, client, audience, signal = never, onStep } = options;
  onStep?.('turn');
  if (await options.isDone?.()) return { kind: 'done' };
  const present = await held.read();
  onStep?.('read');
  if (present.kind !== 'found') return notRead(present);
  const { session } = present;
  onUse(session);
  const wish = narrow(session, audience);
  if (wish === undefined) {
    return needed('not-granted', loginNeeded('The login did not ask for this cluster.'));
  }
  // What the keyring has to do comes first: the answer must be on the disk a moment after it has come.
  await held.prepare(session);
  let connection: IssuerConnection;
  try {
    connection = options.connection ?? (await connectIssuer(http, client, signal));
  } catch (error) {
    signal.throwIfAborted();
    return { kind: 'offline', error: issuerFailure(error, client.issuer).error };
  }
  let ending = loginNeeded('The login has ended.');
  const candidates = [session.refreshToken, session.previousRefreshToken].filter(each => each !== undefined);
  for (const [number, refreshToken] of candidates.entries()) {
    const rotation = createRotation(held, session, refreshToken, onStep);
    const answer = await ask(connection, rotation, wish, options);
    if (!('failure' in answer)) return settle(answer.tokens, connection, rotation, wish, options);
    const { failure } = answer;
    if (failure.kind !== 'ended') return giveUp(failure, rotation);
    if (number === 0) ending = failure.error;
  }
  return needed('ended', ending);
}

function notRead(read: Exclude<SessionRead, { kind: 'found' }>): Renewal {
  if (read.kind === 'unavailable') return { kind: 'offline', error: read.error };
  return read.kind === 'none'
    ? needed('no-session', loginNeeded('Nobody is signed in for this profile.'))
    : needed('lost-session', loginNeeded('The stored login cannot be read any more.'));
}

function needed(reason: LoginReason, error: UserError): Renewal {
  return { kind: 'login-needed', reason, error };
}

async function giveUp(failure: IssuerFailure, rotation: Rotation): Promise<Renewal> {
  const { kind, error } = failure;
  if (kind === 'trouble') return { kind: 'offline', error };
  if (kind === 'not-granted' || kind === 'ended') {
    return needed(kind, error);
  }
  if (kind === 'foreign') await rotation.undo();
  return { kind: 'refused', error };
}

/** One use of a refresh token, and what becomes of the session by it. */
type Rotation = {
  readonly refreshToken: string;
  /** Looks at an answer before anything else can go wrong with it. */
  watch(response: HttpResponse): Promise<void>;
  /** The session as it is now, and why it could not be stored. */
  state(): { readonly session: Session; readonly warning: UserError | undefined };
  undo(): Promise<void>;
};

const rotatedSchema = v.object({ refresh_token: v.pipe(v.string(), v.minLength(1), v.maxLength(64_000)) });

function createRotation(
  held: HeldSession,
  before: Session,
  refreshToken: string,
  onStep: RenewOptions['onStep'],
): Rotation {
  let session = before;
  let warning: UserError | undefined;
  async function store(next: Session): Promise<void> {
    session = next;
    try {
      await held.write(next);
      warning = undefined;
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      warning = error;
    }
  }
  return {
    refreshToken,
    async watch(response) {
      onStep?.('answered');
      const next = response.status === 200 ? nextRefreshToken(response.body) : undefined;
      if (response.status !== 200) return;
      const { previousRefreshToken: _, ...rest } = session;
      if (next !== undefined && next !== refreshToken) {
        await store({ ...rest, refreshToken: next, previousRefreshToken: refreshToken });
      } else if (session.refreshToken !== refreshToken || session.previousRefreshToken !== undefined) {
        // Not replaced, and accepted: nothing needs to be remembered beside it.
        await store({ ...rest, refreshToken });
      }
      onStep?.('stored');
    },
    state: () => ({ session, warning }),
    undo: () => store(before),
  };
}

function nextRefreshToken(body: string): string | undefined {
  try {
    const result = v.safeParse(rotatedSchema, JSON.parse(body));
    return result.success ? result.output.refresh_token : undefined;
  } catch {
    return undefined;
  }
}

type Answer = { readonly tokens: TokenEndpointResponse } | { readonly failure: IssuerFailure };

/** Asks once more when an answer was lost: the issuer may have replaced the refresh token, and soon forgets the old one. */
async function ask(
  connection: IssuerConnection,
  rotation: Rotation,
  wish: Wish,
  options: RenewOptions,
): Promise<Answer> {
  const first = await askOnce(connection, rotation, wish, options);
  if (!('failure' in first) || !first.failure.answerLost) return first;
  await sleep(retryAfterMs, undefined, { ...(options.signal && { signal: options.signal }) });
  return askOnce(connection, rotation, wish, options);
}

async function askOnce(
  connection: IssuerConnection,
  rotation: Rotation,
  wish: Wish,
  { signal = never, onStep }: RenewOptions,
): Promise<Answer> {
  const http: HttpClient = {
    ...connection.http,
    async send(url, request) {
      onStep?.('asked');
      const response = await connection.http.send(url, request);
      await rotation.watch(response);
      return response;
    },
  };
  signal.throwIfAborted();
  try {
    const tokens = await withGrace(signal, late =>
      refreshTokenGrant(
        configurationOf({ ...connection, http }, late),
        rotation.refreshToken,
        wish.parameters,
      ),
    );
    return { tokens };
  } catch (error) {
    signal.throwIfAborted();
    return { failure: issuerFailure(error, connection.client.issuer) };
  }
}

/** Runs with a signal that is aborted a little later than the given one. */
async function withGrace<T>(signal: AbortSignal, run: (late: AbortSignal) => Promise<T>): Promise<T> {
  const late = new AbortController();
  const abort = () => setTimeout(() => late.abort(signal.reason), graceMs).unref();
  signal.addEventListener('abort', abort, { once: true });
  try {
    return await run(late.signal);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}

async function settle(
  tokens: TokenEndpointResponse,
  connection: IssuerConnection,
  rotation: Rotation,
  wish: Wish,
  { account, signal = never, keep, onStep }: RenewOptions,
): Promise<Renewal> {
  const { client } = connection;
  if (client.tokenKind === 'id-token' && tokens.id_token === undefined) {
    const message = `The issuer ${plainText(client.issuer)} does not send an ID token on renewal.`;
    return needed('no-token', loginNeeded(message));
  }
  let token: IdToken;
  try {
    ({ token } = await signedInWith(connection, tokens, { account, scopes: wish.scopes, signal }));
    assertMeantFor(token, wish);
  } catch (error) {
    signal.throwIfAborted();
    return giveUp(issuerFailure(error, client.issuer), rotation);
  }
  onStep?.('checked');
  await keep?.(token);
  onStep?.('kept');
  return { kind: 'renewed', token, ...rotation.state() };
}

function assertMeantFor({ audience }: IdToken, { audiences, others }: Wish): void {
  const told = plainText(audience.join(', '));
  // An access token that only its issuer can read tells no audience.
  if (audience.length > 0 && audiences !== undefined && !audiences.some(name => audience.includes(name))) {
    throw wrongAudience(`is meant for ${told}, but this cluster accepts ${plainText(audiences.join(', '))}`);
  }
  const other = others.find(name => audience.includes(name));
  if (other !== undefined) {
    throw wrongAudience(`is good for other clusters too: ${told}`);
  }
}

function wrongAudience(fault: string): UserError {
  return new UserError('TOKEN_INVALID', `The token ${fault}.`, {
    hint: 'It was not stored. Tell your administrator: the issuer does not narrow tokens to one cluster.',
  });
}
