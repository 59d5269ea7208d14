import type { SignedIn } from './issuer-client.ts';
import type { IssuerConnection } from './issuer-connection.ts';
import { type MachineSignIn, signInByGrant } from './machine.ts';

export type PasswordSignIn = MachineSignIn & { readonly username: string; readonly password: string };

/** Signs in with a name and a password (RFC 6749, section 4.3), for issuers that have no other way for a machine. */
export function signInWithPassword(
  connection: IssuerConnection,
  { username, password, ...request }: PasswordSignIn,
): Promise<SignedIn> {
  return signInByGrant(connection, { way: 'password', parameters: { username, password } }, request);
}
