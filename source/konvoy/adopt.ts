import path from 'node:path';
import { decodeJwt } from 'jose';
import * as v from 'valibot';
import type { IdToken } from '../credentials/id-token.ts';
import { toUserError, UserError } from '../errors.ts';
import { checkToken, type TokenDemand } from '../login/obtain.ts';
import { formatLoginLink } from '../portal/login-link.ts';
import type { DkpPortal } from '../portal/portal.ts';
import { normalizeServerUrl } from '../portal/server-url.ts';
import { listFolder, readPrivateFile, readTextFile } from '../system/files.ts';
import { type Environment, homeDirectory, type Paths } from '../system/paths.ts';
import { shortList } from '../text.ts';
import type { KonvoyArguments } from './arguments.ts';
import type { KonvoyBinding } from './binding.ts';
import type { KonvoyContext } from './served.ts';
import { isGood, isKeptElsewhere, type KonvoyPlace } from './tokens.ts';

const leftSchema = v.object({
  status: v.object({ token: v.pipe(v.string(), v.regex(/^[\w-]+\.[\w-]+\.[\w-]+$/)) }),
});

const largestToken = 100_000;

/** Why what the original left is not used, in words that follow "it ". */
export type Unusable = { readonly kind: 'unusable'; readonly file: string; readonly why: string };

/** What the original left for a profile. */
export type Left =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'token'; readonly file: string; readonly token: string }
  | Unusable;

export type LeftContext = { readonly env: Environment; readonly paths: Paths };

/** The original's own file: `TOKEN-DIR/USER/token`. */
function leftFile({ tokenDir, user }: Pick<KonvoyArguments, 'tokenDir' | 'user'>, env: Environment) {
  const folder = path.resolve(tokenDir ?? path.join(homeDirectory(env), '.kube', 'konvoy', 'tokens'));
  return { folder, file: path.join(folder, user, 'token') };
}

/**
 * The token that the original left, if what can be seen on this machine allows that it is used for this call: the
 * original's file is named by the profile alone, so its token is every cluster's for which that profile was ever used.
 * Nothing of the original's is written.
 */
export async function findLeft(
  request: KonvoyArguments,
  binding: KonvoyBinding,
  contexts: readonly KonvoyContext[],
  place: KonvoyPlace,
  { env, paths }: LeftContext,
): Promise<Left> {
  const { folder, file } = leftFile(request, env);
  const unusable = (why: string): Unusable => ({ kind: 'unusable', file, why });
  let content: string | undefined;
  try {
    content = await readPrivateFile(file);
  } catch (error) {
    const { message } = toUserError(error);
    return unusable(message.replace(`${file} `, '').replace(/\.$/, ''));
  }
  if (content === undefined) return { kind: 'nothing' };
  const token = tokenIn(content);
  if (token === undefined) return unusable('holds no token');
  if (hasExpired(token)) return unusable('has expired, or is about to');
  const reach = reachFault(request, binding, contexts);
  if (reach !== undefined) return unusable(reach);
  if (await isLeftForAnother(folder, file, token)) return unusable('is the token of another profile too');
  if (await isKeptElsewhere(paths, place, token))
    return unusable('was taken over for something else already');
  return { kind: 'token', file, token };
}

function tokenIn(content: string): string | undefined {
  try {
    const result = v.safeParse(leftSchema, JSON.parse(content));
    return result.success ? result.output.status.token : undefined;
  } catch {
    return undefined;
  }
}

// Its signature is checked later, by keys that have to be asked for.
function hasExpired(token: string): boolean {
  try {
    return !isGood({ expiresAt: decodeJwt(token).exp ?? 0 });
  } catch {
    return false;
  }
}

/** A token may go on to where it may have been already, and nowhere else. */
function reachFault(
  { link, user }: KonvoyArguments,
  binding: KonvoyBinding,
  contexts: readonly KonvoyContext[],
): string | undefined {
  const used = contexts.filter(context => context.arguments.user === user);
  if (used.some(context => formatLoginLink(context.arguments.link) !== formatLoginLink(link))) {
    return 'may be of another platform, for which the same profile is used';
  }
  const servers = new Set(used.map(({ cluster }) => normalizeServerUrl(cluster.server) ?? cluster.server));
  if (servers.size === 0)
    return 'may be of any cluster: no kubeconfig here tells which this profile is used for';
  if (binding.kind === 'shared') return undefined;
  const isOurs = servers.size === 1 && servers.has(binding.cluster.server);
  return isOurs ? undefined : `is used for ${shortList([...servers], 5)}`;
}

async function isLeftForAnother(folder: string, own: string, token: string): Promise<boolean> {
  const files = ['', ...(await listFolder(folder))].map(user => path.join(folder, user, 'token'));
  const others = files.filter(file => file !== own);
  const contents = await Promise.all(
    others.map(file => readTextFile(file, largestToken).catch(() => undefined)),
  );
  return contents.some(content => content !== undefined && tokenIn(content) === token);
}

/**
 * The found token, checked by the issuer's keys.
 * @returns why not, when it is not genuine, or not of this account or cluster
 * @throws UserError NETWORK, TLS, ISSUER_METADATA
 */
export async function checkLeft(
  portal: DkpPortal,
  left: Left & { readonly kind: 'token' },
  demand: Omit<TokenDemand, 'startedAt'>,
  signal: AbortSignal,
): Promise<{ readonly kind: 'genuine'; readonly token: IdToken } | Unusable> {
  try {
    return { kind: 'genuine', token: await checkToken(portal, left.token, demand, signal) };
  } catch (error) {
    const refused = error instanceof UserError && ['TOKEN_INVALID', 'WRONG_ACCOUNT'].includes(error.code);
    if (!refused) throw error;
    const why =
      error.code === 'WRONG_ACCOUNT'
        ? 'belongs to another account'
        : error.message.replace(/^The token /, '').replace(/\.$/, '');
    return { kind: 'unusable', file: left.file, why };
  }
}
