import * as v from 'valibot';
import { readCredential } from '../credentials/credential.ts';
import { toUserError } from '../errors.ts';
import type { Profile } from '../profiles/profile.ts';
import { createHttpClient, type HttpClient } from '../system/http.ts';
import type { Paths } from '../system/paths.ts';
import type { Proxies } from '../system/proxy.ts';
import { plainText } from '../text.ts';
import { belongsTo } from './profile-status.ts';

/** Whom an API server takes us for. */
export type ServerReview =
  | { readonly answer: 'accepted'; readonly user: string; readonly groups: readonly string[] }
  /** The token was not accepted, or the server does not say whose it is (Kubernetes before 1.27). */
  | { readonly answer: 'rejected' | 'silent' | 'unreachable'; readonly message: string }
  | { readonly answer: 'not-asked'; readonly message: string };

export type ReviewContext = {
  readonly paths: Paths;
  readonly proxies: Proxies;
  readonly signal: AbortSignal;
  readonly now?: () => number;
};

const limits = { connectMs: 5_000, silenceMs: 10_000, totalMs: 15_000 };
const mostAtOnce = 8;
/** Stable since Kubernetes 1.28; before that `v1beta1` (1.27). */
const versions = ['v1', 'v1beta1'] as const;

const reviewSchema = v.object({
  status: v.object({
    userInfo: v.object({ username: v.string(), groups: v.optional(v.array(v.string()), []) }),
  }),
});

/** Asks each profile's API server who it thinks we are, with that profile's own token and no other. */
export async function reviewAll(
  profiles: readonly Profile[],
  context: ReviewContext,
): Promise<Map<string, ServerReview>> {
  const reviews = new Map<string, ServerReview>();
  const waiting = [...profiles];
  const work = async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      reviews.set(next.name, await review(next, context));
    }
  };
  await Promise.all(Array.from({ length: mostAtOnce }, work));
  return reviews;
}

async function review(profile: Profile, context: ReviewContext): Promise<ServerReview> {
  const { paths, proxies, signal, now = Date.now } = context;
  const credential = await readCredential(paths, profile.name);
  if (credential === undefined || !belongsTo(credential, profile)) {
    return { answer: 'not-asked', message: 'there is no token' };
  }
  if (credential.expiresAt * 1000 <= now()) return { answer: 'not-asked', message: 'the token is over' };
  const { ca, server } = profile.cluster;
  const http = createHttpClient({ ...(ca !== undefined && { authorities: [ca] }), proxies, limits });
  try {
    return await ask(http, server, credential.token, signal);
  } catch (error) {
    signal.throwIfAborted();
    return { answer: 'unreachable', message: plainText(toUserError(error).message) };
  } finally {
    await http.close();
  }
}

async function ask(
  http: HttpClient,
  server: string,
  token: string,
  signal: AbortSignal,
): Promise<ServerReview> {
  for (const version of versions) {
    const apiVersion = `authentication.k8s.io/${version}`;
    const { status, body } = await http.send(new URL(`${server}/apis/${apiVersion}/selfsubjectreviews`), {
      method: 'POST',
      headers: {
        authorization: `Bearer ${token}`,
        'content-type': 'application/json',
        accept: 'application/json',
      },
      body: JSON.stringify({ apiVersion, kind: 'SelfSubjectReview' }),
      signal,
    });
    if (status === 404) continue;
    if (status === 401)
      return { answer: 'rejected', message: 'the API server does not accept the token (401)' };
    if (status !== 200 && status !== 201)
      return { answer: 'silent', message: `the API server answers with status ${status}` };
    return accepted(body);
  }
  return { answer: 'silent', message: 'the API server does not tell (it is older than Kubernetes 1.27)' };
}

function accepted(body: string): ServerReview {
  try {
    const { username, groups } = v.parse(reviewSchema, JSON.parse(body)).status.userInfo;
    return { answer: 'accepted', user: plainText(username), groups: groups.map(group => plainText(group)) };
  } catch {
    return { answer: 'silent', message: 'the answer of the API server cannot be read' };
  }
}
