import { toUserError, UserError } from '../errors.ts';
import { beginCodeFlow } from './code-flow.ts';
import type { SignedIn } from './issuer-client.ts';
import { type IssuerConnection, requireWay } from './issuer-connection.ts';
import { type Callback, type ListenerOptions, openListener } from './listener.ts';
import type { SignInRequest } from './request.ts';

export type BrowserSignIn = SignInRequest &
  ListenerOptions & {
    /** Shows the address to sign in at, and opens it. */
    showAddress(url: URL): Promise<void>;
    /** How long to wait for the person. */
    readonly timeoutMs: number;
    readonly signal: AbortSignal;
    /** Where the browser goes on to after a login, in place of our last page. */
    readonly openUrlAfter?: URL | undefined;
  };

/**
 * Signs in with a browser on this machine: authorization code with PKCE, answered to a listener on the loopback that
 * is there for this login only.
 * @throws UserError SIGN_IN_NOT_OFFERED, LISTEN_FAILED, LOGIN_TIMEOUT, LOGIN_DENIED, TOKEN_INVALID, WRONG_ACCOUNT, ...
 */
export async function signInWithBrowser(
  connection: IssuerConnection,
  options: BrowserSignIn,
): Promise<SignedIn> {
  const { signal, openUrlAfter } = options;
  requireWay('browser', connection);
  if (openUrlAfter !== undefined && openUrlAfter.protocol !== 'https:') {
    throw new UserError('USAGE', 'The address to open after the login must begin with https://.');
  }
  signal.throwIfAborted();
  const listener = await openListener(options);
  try {
    const flow = await beginCodeFlow(connection, listener.redirectUri, options, signal);
    const arrival = listener.expect(flow.state);
    const callback = await comesBack(arrival, () => options.showAddress(flow.authorizationUrl), options);
    return await finish(() => flow.finish(callback.parameters), callback, openUrlAfter);
  } finally {
    await listener.close();
  }
}

/** Waits for the browser, but not for whatever opens it. */
async function comesBack(
  arrival: Promise<Callback>,
  showAddress: () => Promise<void>,
  { timeoutMs, signal }: BrowserSignIn,
): Promise<Callback> {
  let end = () => {};
  const failure = new Promise<never>((_resolve, reject) => {
    const timer = setTimeout(() => reject(nobodyCame(timeoutMs)), timeoutMs);
    const abort = () => reject(signal.reason);
    signal.addEventListener('abort', abort, { once: true });
    end = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', abort);
    };
    showAddress().catch(reject);
  });
  try {
    return await Promise.race([arrival, failure]);
  } finally {
    end();
  }
}

async function finish(
  redeem: () => Promise<SignedIn>,
  callback: Callback,
  openUrlAfter: URL | undefined,
): Promise<SignedIn> {
  try {
    const signedIn = await redeem();
    const page = {
      title: 'You are signed in',
      text: `Signed in as ${signedIn.token.account.label}. The login goes on in the terminal; you can close this page.`,
    };
    await callback.answer(openUrlAfter ?? page);
    return signedIn;
  } catch (error) {
    const { message, hint } = toUserError(error);
    const text = [message, hint, 'You can close this page and go back to the terminal.'];
    await callback.answer({ title: 'The login failed', text: text.filter(Boolean).join(' ') });
    throw error;
  }
}

function nobodyCame(timeoutMs: number): UserError {
  const seconds = Math.round(timeoutMs / 1000);
  return new UserError('LOGIN_TIMEOUT', `The browser did not come back within ${seconds} seconds.`, {
    hint:
      'Begin the login again. If the browser cannot reach this machine, use --sign-in device or --sign-in paste; ' +
      'if its page calls the redirect address unregistered, try --redirect-host localhost.',
  });
}
