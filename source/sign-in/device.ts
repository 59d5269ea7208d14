import { setTimeout as delay } from 'node:timers/promises';
import {
  type Configuration,
  type CustomFetch,
  calculatePKCECodeChallenge,
  customFetch,
  type DeviceAuthorizationResponse,
  genericGrantRequest,
  initiateDeviceAuthorization,
  ResponseBodyError,
  randomPKCECodeVerifier,
  type TokenEndpointResponse,
} from 'openid-client';
import { UserError } from '../errors.ts';
import { steadyNow, thisMoment } from '../system/moment.ts';
import { plainText } from '../text.ts';
import { parseUrl } from '../url.ts';
import { fetchThrough } from './issuer.ts';
import type { SignedIn } from './issuer-client.ts';
import { configurationOf, grantTypes, type IssuerConnection, requireWay } from './issuer-connection.ts';
import { mayPass, protocolError } from './protocol-error.ts';
import { audienceParameters, requestParameters, type SignInRequest, scopesOf } from './request.ts';
import { signedInWith } from './signed-in.ts';

/** What a person needs to sign in on any machine. All of it is safe to print. */
export type DeviceCode = {
  readonly userCode: string;
  /** Where the code is to be entered: an https address. */
  readonly verificationUri: URL;
  /** The same with the code in it, to be made a QR code of. */
  readonly verificationUriComplete: URL | undefined;
  /** When the code is no longer good, by steadyNow. */
  readonly expiresAt: number;
};

/** The passing of time; tests have their own. */
export type Pace = {
  now(): number;
  sleep(milliseconds: number, signal: AbortSignal): Promise<void>;
};

export type DeviceSignIn = SignInRequest & {
  showCode(code: DeviceCode): void | Promise<void>;
  /** Told when a poll fails in a way that may pass, and (undefined) when polls go through again. */
  readonly onTrouble?: (trouble: UserError | undefined) => void;
  readonly signal: AbortSignal;
  readonly pace?: Pace;
};

const realPace: Pace = {
  now: steadyNow,
  sleep: (milliseconds, signal) => delay(milliseconds, undefined, { signal }),
};

const usualIntervalSeconds = 5;
const slowDownSeconds = 5;
const longestPauseSeconds = 60;
const longestWaitSeconds = 3600;

/**
 * Signs in with a code that is entered in any browser (RFC 8628). Polling is our own, for openid-client's ends at the
 * first connection that is cut, and forgets the code's expiry when it is given a signal.
 * @throws UserError SIGN_IN_NOT_OFFERED, LOGIN_DENIED, LOGIN_TIMEOUT, TOKEN_INVALID, WRONG_ACCOUNT, ...
 */
export async function signInWithDevice(
  connection: IssuerConnection,
  options: DeviceSignIn,
): Promise<SignedIn> {
  const { signal, pace = realPace } = options;
  const { client } = connection;
  requireWay('device', connection);
  signal.throwIfAborted();
  const configuration = configurationOf(connection, signal);
  configuration[customFetch] = withDraftNames(fetchThrough(connection.http, signal));
  const scopes = scopesOf(client, options);
  const startedAt = thisMoment();
  const verifier = usesPkce(connection) ? randomPKCECodeVerifier() : undefined;
  try {
    const parameters = requestParameters(client, options, scopes);
    if (verifier !== undefined) {
      parameters.set('code_challenge', await calculatePKCECodeChallenge(verifier));
      parameters.set('code_challenge_method', 'S256');
    }
    const begun = pace.now();
    const answer = await initiateDeviceAuthorization(configuration, parameters);
    const code = deviceCodeOf(answer, begun, client.issuer);
    await options.showCode(code);
    const poll = audienceParameters(options);
    poll.set('device_code', answer.device_code);
    if (verifier !== undefined) poll.set('code_verifier', verifier);
    const waiting: Waiting = { poll, interval: answer.interval, expiresAt: code.expiresAt, pace };
    const tokens = await waitForPerson(configuration, waiting, options, client.issuer);
    return await signedInWith(connection, tokens, { ...options, scopes, startedAt });
  } catch (error) {
    signal.throwIfAborted();
    throw protocolError(error, client.issuer);
  }
}

// Unlike the authorization code, a device code is not sent through a browser, and an issuer that never heard of PKCE
// here may refuse what it does not know.
function usesPkce({ metadata }: IssuerConnection): boolean {
  return metadata.code_challenge_methods_supported?.includes('S256') ?? false;
}

/** Some issuers (Google) give the address under the name it had in a draft; openid-client knows only the later one. */
function withDraftNames(fetch: CustomFetch): CustomFetch {
  return async (url, options) => {
    const response = await fetch(url, options);
    const body = jsonObjectIn(await response.clone().text());
    if (typeof body?.['verification_url'] !== 'string') return response;
    const { verification_url: verification_uri, verification_url_complete: verification_uri_complete } = body;
    const mended = { verification_uri, verification_uri_complete, ...body };
    return new Response(JSON.stringify(mended), response);
  };
}

function jsonObjectIn(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value };
  } catch {
    // A page of a proxy, most likely; openid-client says what is wrong with it.
  }
  return undefined;
}

function deviceCodeOf(answer: DeviceAuthorizationResponse, begun: number, issuer: string): DeviceCode {
  const verificationUri = webAddress(answer.verification_uri);
  if (verificationUri === undefined) {
    throw new UserError(
      'ISSUER_ANSWER',
      `${new URL(issuer).host} gave no https address to enter the code at.`,
      {
        hint: 'Nothing was opened or stored. Tell your administrator.',
      },
    );
  }
  const seconds = Math.min(answer.expires_in, longestWaitSeconds);
  return {
    userCode: plainText(answer.user_code, 100),
    verificationUri,
    verificationUriComplete: webAddress(answer.verification_uri_complete),
    expiresAt: begun + seconds * 1000,
  };
}

function webAddress(text: string | undefined): URL | undefined {
  if (text === undefined || plainText(text, 2000) !== text) return undefined;
  const url = parseUrl(text);
  return url?.protocol === 'https:' && url.username === '' && url.password === '' ? url : undefined;
}

type Waiting = {
  readonly poll: URLSearchParams;
  readonly interval: number | undefined;
  readonly expiresAt: number;
  readonly pace: Pace;
};

async function waitForPerson(
  configuration: Configuration,
  { poll, interval: announced, expiresAt, pace }: Waiting,
  { signal, onTrouble }: DeviceSignIn,
  issuer: string,
): Promise<TokenEndpointResponse> {
  let interval = announced ?? usualIntervalSeconds;
  let failures = 0;
  for (;;) {
    // RFC 8628 has a client slow down when its requests do not get through.
    const pause = Math.max(interval, Math.min(interval * 2 ** failures, longestPauseSeconds));
    await pace.sleep(Math.max(0, Math.min(pause * 1000, expiresAt - pace.now())), signal);
    if (pace.now() >= expiresAt) throw expired();
    try {
      return await genericGrantRequest(configuration, grantTypes.device, poll);
    } catch (error) {
      signal.throwIfAborted();
      const answer = error instanceof ResponseBodyError ? error.error : undefined;
      if (answer === 'expired_token') throw expired();
      if (answer === 'slow_down') interval += slowDownSeconds;
      if (answer === 'slow_down' || answer === 'authorization_pending') {
        if (failures > 0) onTrouble?.(undefined);
        failures = 0;
        continue;
      }
      const trouble = protocolError(error, issuer);
      if (!mayPass(trouble)) throw trouble;
      failures += 1;
      onTrouble?.(trouble);
    }
  }
}

function expired(): UserError {
  return new UserError('LOGIN_TIMEOUT', 'Nobody entered the code before it expired.', {
    hint: 'Begin the login again for a new code.',
  });
}
