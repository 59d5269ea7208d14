import path from 'node:path';
import type { IdToken } from '../credentials/id-token.ts';
import { toUserError, UserError } from '../errors.ts';
import { signInByPortal } from '../login/sign-in.ts';
import { shellQuote } from '../login/summary.ts';
import type { DkpPortal } from '../portal/portal.ts';
import { normalizeServerUrl } from '../portal/server-url.ts';
import { modifiedAt, replaceFile } from '../system/files.ts';
import { withLock } from '../system/lock.ts';
import type { Paths } from '../system/paths.ts';
import { type Streams, write } from '../system/streams.ts';
import { plainText, shortList } from '../text.ts';
import { checkLeft, findLeft, type Left } from './adopt.ts';
import type { KonvoyArguments } from './arguments.ts';
import type { KonvoyBinding } from './binding.ts';
import { openKonvoyPortal, standingOf } from './platform.ts';
import type { KonvoySurroundings } from './surroundings.ts';
import { isGood, type KonvoyPlace, type KonvoyToken, readKonvoyToken, writeKonvoyToken } from './tokens.ts';

export type KonvoyCall = {
  readonly request: KonvoyArguments;
  readonly binding: KonvoyBinding;
  readonly place: KonvoyPlace;
  readonly surroundings: KonvoySurroundings;
  /** Somebody can be asked to sign in. */
  readonly maySignIn: boolean;
};

export type KonvoyContext = {
  readonly paths: Paths;
  readonly streams: Streams;
  readonly signal: AbortSignal;
};

/** A login is waited for as long as the platform gives it; who cannot be asked does not wait for a person. */
const loginMs = 310_000;
const noLoginMs = 5_000;

/**
 * A token where none is kept: one that the original left, if it belongs here, or by a login. Of several calls at once, one
 * does it and the others get what it got; when its login failed, they do not begin another.
 * @throws UserError LOGIN_NEEDED, WRONG_CLUSTER, WRONG_ACCOUNT, TOKEN_INVALID, NETWORK, ...
 */
export async function obtainKonvoyToken(call: KonvoyCall, context: KonvoyContext): Promise<KonvoyToken> {
  const { place, maySignIn } = call;
  const calledAt = Date.now();
  const failed = `${place.file}.failed`;
  const what = `a login of the Konvoy profile "${plainText(place.user)}"`;
  const options = { signal: context.signal, timeoutMs: maySignIn ? loginMs : noLoginMs, what };
  const inTurn = async () => {
    const kept = await readKonvoyToken(place);
    if (kept !== undefined && isGood(kept)) return kept;
    if (((await modifiedAt(failed)) ?? 0) > calledAt) {
      throw loginNeeded(call, 'The login that this call waited for has failed.');
    }
    try {
      return await takeOverOrSignIn(call, kept, context);
    } catch (error) {
      const { code } = toUserError(error);
      if (code !== 'CANCELLED' && code !== 'LOGIN_NEEDED')
        await replaceFile(failed, '').catch(() => undefined);
      throw error;
    }
  };
  try {
    return await withLock(`${place.file}.lock`, inTurn, options);
  } catch (error) {
    if (maySignIn || !(error instanceof UserError) || error.code !== 'LOCKED') throw error;
    throw loginNeeded(call, 'Another call is waiting for a person to sign in.');
  }
}

async function takeOverOrSignIn(
  call: KonvoyCall,
  kept: KonvoyToken | undefined,
  context: KonvoyContext,
): Promise<KonvoyToken> {
  const { streams, signal } = context;
  // Two calls for two clusters must not both take over the one token that was left.
  const taken = await withLock(
    path.join(context.paths.konvoy, 'take-over.lock'),
    () => takeOver(call, kept, context),
    {
      signal,
      what: "taking over the original plugin's token",
    },
  );
  if (taken.kind === 'taken') return taken.token;
  const note =
    taken.kind === 'unusable' ? `The token in ${taken.file} is not used: it ${taken.why}.` : undefined;
  if (!call.maySignIn) throw loginNeeded(call, note);
  if (note !== undefined) await write(streams.stderr, `${plainText(note, 500)}\n`);
  const portal = await openKonvoyPortal(call.request, streams.env);
  try {
    const token = await signIn(call, kept, portal, context);
    await write(streams.stderr, `Signed in as ${token.account.label}.\n`);
    return await keep(call, token, context);
  } finally {
    await portal.close();
  }
}

async function takeOver(
  call: KonvoyCall,
  kept: KonvoyToken | undefined,
  context: KonvoyContext,
): Promise<{ readonly kind: 'taken'; readonly token: KonvoyToken } | Exclude<Left, { kind: 'token' }>> {
  const { request, binding, surroundings, place } = call;
  const { streams, paths, signal } = context;
  const left = await findLeft(request, binding, surroundings.contexts, place, { env: streams.env, paths });
  if (left.kind !== 'token') return left;
  const portal = await openKonvoyPortal(request, streams.env);
  try {
    const { demand, unlisted } = await standingOf(portal, binding, signal);
    if (unlisted.length > 0) {
      return {
        kind: 'unusable',
        file: left.file,
        why: `is asked for ${shortList(unlisted, 5)}, which the platform does not list`,
      };
    }
    const checked = await checkLeft(portal, left, { ...demand, account: kept?.account }, signal);
    if (checked.kind === 'unusable') return checked;
    return { kind: 'taken', token: await keep(call, checked.token, context) };
  } finally {
    await portal.close();
  }
}

async function signIn(
  call: KonvoyCall,
  kept: KonvoyToken | undefined,
  portal: DkpPortal,
  { streams, signal }: KonvoyContext,
): Promise<IdToken> {
  const { binding, request, place } = call;
  const { demand, unlisted } = await standingOf(portal, binding, signal);
  const where = binding.kind === 'cluster' ? binding.cluster.server : 'your clusters';
  if (unlisted.length > 0) {
    const servers = shortList(unlisted, 5);
    await write(
      streams.stderr,
      `The platform at ${new URL(portal.link.origin).host} does not list ${servers}; your kubeconfig does.\n`,
    );
  }
  const browser = { env: streams.env, disabled: request.noBrowser };
  const context = {
    portal,
    identityProvider: undefined,
    streams,
    browser,
    signal,
    timeoutSeconds: undefined,
  };
  try {
    return await signInByPortal(`to sign in to ${where}`, { ...demand, account: kept?.account }, context);
  } catch (error) {
    if (!(error instanceof UserError) || error.code !== 'WRONG_ACCOUNT') throw error;
    const { code, message } = error;
    throw new UserError(code, message, {
      cause: error,
      hint: `Sign in with that account, or remove ${place.file} to begin anew.`,
    });
  }
}

async function keep(
  { place }: KonvoyCall,
  { token, expiresAt, account }: IdToken,
  { streams }: KonvoyContext,
): Promise<KonvoyToken> {
  const { portal, user, server, file } = place;
  const kept: KonvoyToken = { version: 1, portal, user, server, token, expiresAt, account };
  try {
    await writeKonvoyToken(place, kept);
  } catch (error) {
    const { message } = toUserError(error);
    await write(
      streams.stderr,
      `The token could not be kept in ${path.dirname(file)}, so the next call asks again: ${message}\n`,
    );
  }
  return kept;
}

function loginNeeded({ place, binding, surroundings }: KonvoyCall, why?: string): UserError {
  const fits = surroundings.contexts.find(({ arguments: { user }, cluster }) => {
    if (user !== place.user) return false;
    return binding.kind === 'shared' || normalizeServerUrl(cluster.server) === binding.cluster.server;
  });
  const file = surroundings.named === undefined ? [] : [`--kubeconfig=${surroundings.named}`];
  const context = fits === undefined ? [] : [`--context=${fits.name}`];
  const command = ['kubectl', ...file, ...context, 'get', 'namespaces'].map(shellQuote).join(' ');
  const name = plainText(place.user) || 'without a name';
  return new UserError('LOGIN_NEEDED', `The Konvoy profile "${name}" needs a login.`, {
    hint: [...(why === undefined ? [] : [why]), `Run in a terminal: ${command}`].join('\n'),
  });
}
