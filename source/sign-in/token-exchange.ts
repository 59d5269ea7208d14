import type { TokenEndpointResponse } from 'openid-client';
import { UserError } from '../errors.ts';
import type { SignedIn } from './issuer-client.ts';
import type { IssuerConnection } from './issuer-connection.ts';
import { type MachineSignIn, signInByGrant } from './machine.ts';

const tokenTypes = {
  'id-token': 'urn:ietf:params:oauth:token-type:id_token',
  'access-token': 'urn:ietf:params:oauth:token-type:access_token',
  jwt: 'urn:ietf:params:oauth:token-type:jwt',
} as const;

export type SubjectTokenType = keyof typeof tokenTypes;

export type TokenExchange = MachineSignIn & {
  /** The token to be exchanged, for example the one that a CI system gives its job. */
  readonly subjectToken: string;
  readonly subjectTokenType?: SubjectTokenType | undefined;
};

/** Signs in with a token of another issuer (RFC 8693). Dex also wants the extra parameter `connector_id`. */
export async function signInByTokenExchange(
  connection: IssuerConnection,
  { subjectToken, subjectTokenType = 'id-token', ...request }: TokenExchange,
): Promise<SignedIn> {
  const subject = subjectToken.trim();
  if (subject === '') throw new UserError('USAGE', 'The token to be exchanged is empty.');
  const parameters = {
    subject_token: subject,
    subject_token_type: tokenTypes[subjectTokenType],
    requested_token_type: tokenTypes[connection.client.tokenKind],
  };
  return signInByGrant(connection, { way: 'token-exchange', parameters, read: issuedToken }, request);
}

/** RFC 8693 has every issued token in the field `access_token`, and its kind beside it. */
function issuedToken(answer: TokenEndpointResponse): TokenEndpointResponse {
  const isIdToken = answer['issued_token_type'] === tokenTypes['id-token'];
  return isIdToken && answer.id_token === undefined ? { ...answer, id_token: answer.access_token } : answer;
}
