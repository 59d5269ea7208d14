import type { SignedIn } from './issuer-client.ts';
import type { IssuerConnection } from './issuer-connection.ts';
import { type MachineSignIn, signInByGrant } from './machine.ts';

/** Signs in as the client itself (RFC 6749, section 4.4). */
export function signInWithClientCredentials(
  connection: IssuerConnection,
  request: MachineSignIn,
): Promise<SignedIn> {
  // `openid` asks for a person's ID token; issuers that have none for machines refuse it.
  const openid = connection.client.tokenKind === 'id-token';
  return signInByGrant(connection, { way: 'client-credentials', openid, parameters: {} }, request);
}
