import type { ClusterText } from './caller-cluster.ts';
import { freshBetween } from './lifetime.ts';
import { rfc3339 } from './rfc3339.ts';

/** A token, the profile and API server it belongs to, and whose it is. */
export type Credential = {
  readonly version: 1;
  readonly profile: string;
  /** The API server the token was obtained for. */
  readonly server: string;
  /** The same, with its authority, as client-go writes it. */
  readonly cluster: ClusterText;
  /** A JSON Web Token; nothing else may ever reach the ExecCredential. */
  readonly token: string;
  /** Unix seconds. */
  readonly issuedAt: number;
  /** Unix seconds. */
  readonly expiresAt: number;
  /** Whether another one can be had without the person. */
  readonly renewable: boolean;
  readonly issuer: string;
  readonly subject: string;
};

/**
 * One JSON document for this program, whose lines source/token.sh reads without understanding JSON: being one file, what
 * the two read can never differ. The lines are its contract: each stands where that script expects it.
 */
export function formatCredential(credential: Credential): string {
  const { version, profile, server, cluster, token, issuer, subject } = credential;
  const { issuedAt, expiresAt, renewable } = credential;
  const head = { version, profile, server, issuer, subject, issuedAt, expiresAt, renewable };
  const [from, due] = freshBetween(credential);
  return [
    `${JSON.stringify(head).slice(0, -1)},"freshBetween":[`,
    from,
    ',',
    due,
    '],',
    `"expirationTimestamp":"${rfc3339(expiresAt)}","token":${JSON.stringify(token)}`,
    ',"cluster":',
    cluster === '' ? 'null' : cluster,
    '}\n',
  ].join('\n');
}

const clusterLine = 7;

/** @returns undefined when the text is not the credential of this profile */
export function parseCredential(content: string, profile: string): Credential | undefined {
  let data: unknown;
  try {
    data = JSON.parse(content);
  } catch {
    return undefined;
  }
  if (!isStored(data) || data.profile !== profile) return undefined;
  const cluster = content.split('\n', clusterLine + 1)[clusterLine] ?? '';
  const { version, server, token, issuer, subject, issuedAt, expiresAt, renewable } = data;
  return {
    version,
    profile,
    server,
    cluster: cluster.startsWith('{') ? cluster : '',
    token,
    issuedAt,
    expiresAt,
    renewable,
    issuer,
    subject,
  };
}

// Checked by hand: kubectl waits for this one, and a schema library takes longer to load than all the rest.
function isStored(data: unknown): data is Omit<Credential, 'cluster'> {
  if (typeof data !== 'object' || data === null) return false;
  const { version, profile, server, token, issuer, subject, issuedAt, expiresAt, renewable } =
    data as Readonly<Record<string, unknown>>;
  return (
    version === 1 &&
    [profile, server, issuer, subject].every(text => typeof text === 'string') &&
    typeof token === 'string' &&
    /^[\w-]+\.[\w-]+\.[\w-]+$/.test(token) &&
    Number.isSafeInteger(issuedAt) &&
    Number.isSafeInteger(expiresAt) &&
    typeof renewable === 'boolean'
  );
}
