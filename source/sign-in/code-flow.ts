import {
  authorizationCodeGrant,
  buildAuthorizationUrl,
  type Configuration,
  calculatePKCECodeChallenge,
  randomNonce,
  randomPKCECodeVerifier,
  randomState,
} from 'openid-client';
import { UserError } from '../errors.ts';
import { thisMoment } from '../system/moment.ts';
import type { SignedIn } from './issuer-client.ts';
import { configurationOf, type IssuerConnection } from './issuer-connection.ts';
import { protocolError } from './protocol-error.ts';
import { audienceParameters, requestParameters, type SignInRequest, scopesOf } from './request.ts';
import { signedInWith } from './signed-in.ts';

/** An authorization request under way, and what binds its answer to it. */
export type CodeFlow = {
  /** To be opened in a browser. */
  readonly authorizationUrl: URL;
  readonly redirectUri: string;
  readonly state: string;
  /** @param parameters the query of the address that the browser was sent back to */
  finish(parameters: URLSearchParams): Promise<SignedIn>;
};

/** Begins a login by authorization code with PKCE (S256), a state and a nonce, each new for every attempt. */
export async function beginCodeFlow(
  connection: IssuerConnection,
  redirect: string,
  request: SignInRequest,
  signal: AbortSignal,
): Promise<CodeFlow> {
  const { client } = connection;
  const configuration = configurationOf(connection, signal);
  const redirectUri = new URL(redirect).href;
  const [state, nonce, verifier] = [randomState(), randomNonce(), randomPKCECodeVerifier()];
  const scopes = scopesOf(client, request);
  const startedAt = thisMoment();
  const parameters = requestParameters(client, request, scopes);
  parameters.set('redirect_uri', redirectUri);
  parameters.set('state', state);
  parameters.set('nonce', nonce);
  parameters.set('code_challenge', await calculatePKCECodeChallenge(verifier));
  parameters.set('code_challenge_method', 'S256');

  async function finish(answer: URLSearchParams): Promise<SignedIn> {
    const currentUrl = new URL(redirectUri);
    currentUrl.search = answer.toString();
    try {
      const tokens = await authorizationCodeGrant(
        // Anew: the clock may have been set while the person signed in.
        configurationOf(connection, signal),
        currentUrl,
        { pkceCodeVerifier: verifier, expectedState: state, expectedNonce: nonce, idTokenExpected: true },
        audienceParameters(request),
      );
      checkAge(
        tokens.claims()?.auth_time,
        client.extraParameters['max_age'],
        startedAt.steady + connection.clockOffset,
      );
      return await signedInWith(connection, tokens, { ...request, scopes, startedAt, signal });
    } catch (error) {
      signal.throwIfAborted();
      throw protocolError(error, client.issuer);
    }
  }

  return {
    authorizationUrl: authorizationUrlOf(configuration, parameters, client.issuer),
    redirectUri,
    state,
    finish,
  };
}

function authorizationUrlOf(configuration: Configuration, parameters: URLSearchParams, issuer: string): URL {
  let url: URL;
  try {
    url = buildAuthorizationUrl(configuration, parameters);
  } catch (error) {
    throw protocolError(error, issuer);
  }
  // A person reads this address to see where they are sent; a name and password before the host would hide it.
  if (url.username === '' && url.password === '') return url;
  throw new UserError('ISSUER_METADATA', 'The issuer names an address to sign in at that hides its host.', {
    hint: 'Nothing was opened. Tell your administrator.',
  });
}

// Dex and others take no notice of max_age and do not tell when the person signed in; where they tell, it counts.
function checkAge(authTime: number | undefined, maxAge: string | undefined, now: number): void {
  if (authTime === undefined || maxAge === undefined || !/^\d+$/.test(maxAge)) return;
  const tolerance = 60;
  if (authTime + Number(maxAge) + tolerance >= now / 1000) return;
  throw new UserError('TOKEN_INVALID', 'The token is from a sign-in that is older than max_age allows.', {
    hint: 'Nothing was stored. Sign out at the issuer, then sign in again.',
  });
}
