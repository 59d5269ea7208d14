import type { ClusterAudience } from '../sign-in/issuer-client.ts';
import { audienceRequest } from '../sign-in/request.ts';
import type { Session } from './session.ts';

/** What is asked for on renewal, and what the token may then be good for. */
export type Wish = {
  readonly parameters: Readonly<Record<string, string>>;
  /** Scopes that the token will have. */
  readonly scopes: readonly string[];
  /** One of them must be in the token; undefined: all clusters take the same. */
  readonly audiences: readonly string[] | undefined;
  /** None of them may be in it: those of other clusters of the same login. */
  readonly others: readonly string[];
};

const dexScope = (client: string) => audienceRequest({ kind: 'dex-client', client }).scopes.join();
const dexPrefix = dexScope('');

/**
 * Narrows a login for many clusters down to one.
 * @returns undefined when the login did not ask for the cluster, so that no renewal can
 */
export function narrow(session: Session, audience: ClusterAudience): Wish | undefined {
  const plain = session.scopes.filter(scope => !scope.startsWith(dexPrefix));
  const clients = session.scopes
    .filter(scope => scope.startsWith(dexPrefix))
    .map(scope => scope.slice(dexPrefix.length));
  // A client needs no scope to be an audience of its own tokens, and always is one.
  const peers = clients.filter(client => client !== session.clientId);
  const request = audienceRequest(audience);
  if (audience.kind === 'dex-client') {
    const { client } = audience;
    const isOwn = client === session.clientId;
    if (!isOwn && !peers.includes(client)) return undefined;
    const scopes = isOwn ? plain : [...plain, dexScope(client)];
    return {
      parameters: { scope: scopes.join(' ') },
      scopes,
      audiences: [client],
      others: peers.filter(peer => peer !== client),
    };
  }
  const scopes = peers.length === 0 ? session.scopes : plain;
  return {
    parameters: {
      ...Object.fromEntries(request.parameters),
      ...(peers.length > 0 && { scope: plain.join(' ') }),
    },
    scopes,
    audiences: audience.kind === 'shared' ? undefined : request.parameters.map(([, wanted]) => wanted),
    others: [],
  };
}
