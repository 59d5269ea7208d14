import * as v from 'valibot';
import { UserError } from '../errors.ts';
import type { HttpClient, HttpResponse } from '../system/http.ts';
import { plainText } from '../text.ts';
import { YamlFault } from '../yaml-bounds.ts';
import { readClusters } from './downloaded-clusters.ts';
import type { LoginLink } from './login-link.ts';

/** A token service and the trust under which it is talked to. */
export type PortalConnection = { readonly link: LoginLink; readonly http: HttpClient };

const providersSchema = v.pipe(
  v.array(
    v.object({
      url: v.pipe(v.string(), v.maxLength(2000)),
      clusters: v.nullish(
        v.pipe(
          v.array(
            v.object({
              name: v.pipe(v.string(), v.minLength(1), v.maxLength(500)),
              clusterHostname: v.pipe(v.string(), v.maxLength(500)),
              ca: v.optional(v.pipe(v.string(), v.maxLength(200_000)), ''),
            }),
          ),
          v.maxLength(10_000),
        ),
      ),
    }),
  ),
  v.maxLength(1000),
);

/** The largest list of clusters, in bytes: 5,000 with certificate authorities of several kilobytes each. */
const largestList = 32_000_000;

/**
 * Most characters of a download that may mean something to YAML, which takes a thousand bytes to read for each. Thousands
 * of clusters have fewer: most of their megabytes are certificates, and those cost next to nothing.
 */
const mostSigns = 500_000;
const signs = /[^\w.+/= ]/g;

/** Issuers and the clusters behind each, as `/plugin/providers` lists them. */
export type PortalProviders = v.InferOutput<typeof providersSchema>;

const kubeconfigSchema = v.object({
  clusters: v.nullish(
    v.array(
      v.object({
        name: v.string(),
        cluster: v.object({
          server: v.string(),
          'certificate-authority-data': v.optional(v.string()),
        }),
      }),
    ),
  ),
});

/** The one thing taken from the kubeconfig download: where each API server is. */
export type DownloadedCluster = {
  readonly name: string;
  readonly server: string;
  readonly caData: string | undefined;
};

const asyncSchema = v.object({
  authURL: v.pipe(v.string(), v.maxLength(8000)),
  hmac: v.pipe(v.string(), v.minLength(1), v.maxLength(2000)),
  ttl: v.optional(v.pipe(v.number(), v.minValue(1), v.maxValue(3600)), 300),
});
export type AsyncStart = v.InferOutput<typeof asyncSchema>;

const querySchema = v.object({ token: v.optional(v.nullable(v.string())), ready: v.boolean() });

/** What a poll of a pending sign-in answers. */
export type AsyncAnswer =
  | { readonly kind: 'pending' }
  | { readonly kind: 'token'; readonly token: string }
  /** Somebody else's sign-in of the same second took this one's place; begin again. */
  | { readonly kind: 'overtaken' }
  | { readonly kind: 'expired' };

export function serviceUrl(link: LoginLink, path: string, query: Record<string, string> = {}): URL {
  const url = new URL(`${link.origin}${link.prefix}${path}`);
  for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
  if (link.workspace !== undefined) url.searchParams.set('tenant-id', link.workspace);
  return url;
}

export async function fetchProviders(
  portal: PortalConnection,
  signal?: AbortSignal,
): Promise<PortalProviders> {
  const url = serviceUrl(portal.link, '/plugin/providers');
  const response = await portal.http.send(url, { largestAnswer: largestList, ...(signal && { signal }) });
  if (response.status !== 200) throw unexpectedStatus(url, response, portal.link);
  // A list without entries is null there.
  return parseAnswer(v.nullable(providersSchema), readJson(response, url), url) ?? [];
}

function hasTooManySigns(text: string): boolean {
  signs.lastIndex = 0;
  for (let count = 0; count <= mostSigns; count += 1) if (!signs.test(text)) return false;
  return true;
}

/**
 * The Method 1 download, reduced to names, servers and certificate authorities. The document is a text template filled
 * by the server, so its users and their `exec` blocks are never looked at.
 */
export async function fetchKubeconfigClusters(
  portal: PortalConnection,
  signal?: AbortSignal,
): Promise<DownloadedCluster[]> {
  const url = serviceUrl(portal.link, '/plugin/kubeconfig');
  const response = await portal.http.send(url, { largestAnswer: largestList, ...(signal && { signal }) });
  if (response.status !== 200) throw unexpectedStatus(url, response, portal.link);
  if (hasTooManySigns(response.body)) throw unreadable(url, 'is too large', undefined);
  let document: unknown;
  try {
    document = readClusters(response.body);
  } catch (error) {
    throw unreadable(url, error instanceof YamlFault ? error.message : 'is not YAML', error);
  }
  const { clusters } = parseAnswer(kubeconfigSchema, document, url);
  return (clusters ?? []).map(({ name, cluster }) => ({
    name,
    server: cluster.server,
    caData: cluster['certificate-authority-data'],
  }));
}

/** Begins a sign-in: the answer's address is opened by a person, anywhere. */
export async function startAsync(
  portal: PortalConnection,
  requestCode: string,
  signal?: AbortSignal,
): Promise<AsyncStart> {
  const url = serviceUrl(portal.link, '/async');
  const response = await portal.http.send(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ requestCode }),
    ...(signal && { signal }),
  });
  if (response.status !== 200 && response.status !== 201) throw unexpectedStatus(url, response, portal.link);
  return parseAnswer(asyncSchema, readJson(response, url), url);
}

export async function queryAsync(
  portal: PortalConnection,
  pending: { readonly hmac: string; readonly requestCode: string },
  signal?: AbortSignal,
): Promise<AsyncAnswer> {
  const url = serviceUrl(portal.link, '/async/query', {
    hmac: pending.hmac,
    requestCode: pending.requestCode,
  });
  const response = await portal.http.send(url, { ...(signal && { signal }) });
  if (response.status === 401) return { kind: 'overtaken' };
  if (response.status === 400 || response.status === 404) return { kind: 'expired' };
  if (response.status !== 200) throw unexpectedStatus(url, response, portal.link);
  const answer = parseAnswer(querySchema, readJson(response, url), url);
  return answer.ready && answer.token ? { kind: 'token', token: answer.token } : { kind: 'pending' };
}

// The service sends JSON without its content type, so the body alone decides.
function readJson(response: HttpResponse, url: URL): unknown {
  try {
    return JSON.parse(response.body);
  } catch (error) {
    throw unreadable(url, 'is not JSON', error);
  }
}

function parseAnswer<Schema extends v.GenericSchema>(
  schema: Schema,
  answer: unknown,
  url: URL,
): v.InferOutput<Schema> {
  const result = v.safeParse(schema, answer, { abortEarly: true });
  if (result.success) return result.output;
  const issue = result.issues[0];
  const where = issue.path?.map(item => String(item.key)).join('.') ?? 'the whole';
  throw unreadable(url, `is not what the platform documents (at ${plainText(where, 80)})`, undefined);
}

function unreadable(url: URL, fault: string, cause: unknown): UserError {
  return new UserError('PORTAL_ANSWER', `The answer of ${url.host}${url.pathname} ${fault}.`, {
    hint: 'Check that the address is the login link of your platform.',
    cause,
  });
}

function unexpectedStatus(url: URL, response: HttpResponse, link: LoginLink): UserError {
  if (response.status === 404) {
    const what = link.workspace === undefined ? 'no DKP token service' : `no workspace "${link.workspace}"`;
    return new UserError('PORTAL_NOT_FOUND', `There is ${what} at ${url.origin}${link.prefix} (404).`, {
      hint: 'Check the login link with the person who gave it to you.',
    });
  }
  if (response.status >= 300 && response.status < 400) {
    const target = plainText(response.headers['location'] ?? 'nowhere');
    return new UserError('PORTAL_ANSWER', `${url.host}${url.pathname} sends elsewhere: ${target}.`, {
      hint: 'The answer was not followed. If the platform has moved, ask for its new login link.',
    });
  }
  return new UserError(
    'PORTAL_ANSWER',
    `${url.host}${url.pathname} answered with status ${response.status}.`,
    {
      hint:
        response.status >= 500
          ? 'The platform is in trouble: try again in a while.'
          : 'Check the login link.',
    },
  );
}
