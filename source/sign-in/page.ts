import { UserError } from '../errors.ts';
import type { Cluster } from '../portal/clusters.ts';
import { type PortalConnection, serviceUrl } from '../portal/token-service.ts';
import { parseUrl } from '../url.ts';
import { audiencesOf } from './page-audiences.ts';

/** The platform's own page for one cluster, and what it tells of the tokens made there. */
export type ClusterPage = {
  readonly url: URL;
  /** Audiences of the tokens this page yields, which are those its API server accepts; undefined when not known. */
  readonly audiences: readonly string[] | undefined;
};

/**
 * The page's login redirects to the issuer with the cluster's own client and scopes, so the redirect tells which
 * audience the cluster's tokens have. It is read, never followed.
 */
export async function findClusterPage(
  portal: PortalConnection,
  cluster: Pick<Cluster, 'name'>,
  signal?: AbortSignal,
): Promise<ClusterPage> {
  const url = serviceUrl(portal.link, `/login/${encodeURIComponent(cluster.name)}`);
  const { status, headers } = await portal.http.send(url, { ...(signal && { signal }) });
  const location = headers['location'];
  const target =
    status < 300 || status >= 400 || location === undefined ? undefined : parseUrl(location, url);
  if (target === undefined) {
    // The platform knows some clusters by another name there; its list leads on.
    return { url: clusterListPage(portal), audiences: undefined };
  }
  return { url, audiences: audiencesOf(target) };
}

function clusterListPage({ link }: PortalConnection): URL {
  return new URL(
    `${link.origin}${link.prefix}/${link.workspace === undefined ? '' : `workspace/${link.workspace}`}`,
  );
}

const jsonWebToken = /eyJ[\w-]+\.[\w-]+\.[\w-]+/g;
/** Where the next line is nothing but a token's characters; a command or a field on it has more. */
const lineBreakInToken = /(?<=[\w.-])[^\S\n]*\n[^\S\n]*(?=[\w.-]+["']?[^\S\n]*(?:\n|$))/g;

/**
 * The token in what a person pasted: the bare token, or the `kubectl config set-credentials ... --token=...` line.
 * @throws UserError TOKEN_INVALID
 */
export function readPastedToken(text: string): string {
  // A terminal or a mail program may have broken the line.
  const joined = text.replace(lineBreakInToken, '');
  const candidates = new Set([...(text.match(jsonWebToken) ?? []), ...(joined.match(jsonWebToken) ?? [])]);
  const [token, ...others] = [...candidates].sort((a, b) => b.length - a.length);
  if (token === undefined) {
    throw new UserError('TOKEN_INVALID', 'There is no token in what was pasted.', {
      hint: 'Paste the token, or the whole line that begins with "kubectl config set-credentials".',
    });
  }
  if (others.some(other => !token.startsWith(other))) {
    throw new UserError('TOKEN_INVALID', 'There are several tokens in what was pasted.', {
      hint: 'Paste one.',
    });
  }
  return token;
}
