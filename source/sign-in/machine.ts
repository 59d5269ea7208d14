import { genericGrantRequest, type TokenEndpointResponse } from 'openid-client';
import { thisMoment } from '../system/moment.ts';
import type { SignedIn } from './issuer-client.ts';
import {
  configurationOf,
  grantTypes,
  type IssuerConnection,
  type IssuerWay,
  requireWay,
} from './issuer-connection.ts';
import { protocolError } from './protocol-error.ts';
import { requestParameters, type SignInRequest, scopesOf } from './request.ts';
import { signedInWith } from './signed-in.ts';

/** A sign-in that needs no browser: one request to the token endpoint. */
export type MachineSignIn = SignInRequest & { readonly signal: AbortSignal };

type Grant = {
  readonly way: IssuerWay;
  /** Whether to ask for the scope `openid`. */
  readonly openid?: boolean;
  readonly parameters: Readonly<Record<string, string>>;
  /** Puts what the issuer gave where other answers have it. */
  readonly read?: (answer: TokenEndpointResponse) => TokenEndpointResponse;
};

export async function signInByGrant(
  connection: IssuerConnection,
  { way, openid = true, parameters, read = answer => answer }: Grant,
  request: MachineSignIn,
): Promise<SignedIn> {
  const { client } = connection;
  const { signal } = request;
  requireWay(way, connection);
  signal.throwIfAborted();
  const scopes = scopesOf(client, request, openid);
  const startedAt = thisMoment();
  const body = requestParameters(client, request, scopes);
  for (const [name, value] of Object.entries(parameters)) body.set(name, value);
  try {
    const answer = await genericGrantRequest(configurationOf(connection, signal), grantTypes[way], body);
    return await signedInWith(connection, read(answer), { ...request, scopes, startedAt });
  } catch (error) {
    signal.throwIfAborted();
    throw protocolError(error, client.issuer);
  }
}
