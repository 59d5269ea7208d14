import { createHash } from 'node:crypto';
import path from 'node:path';
import * as v from 'valibot';
import { comparablePem } from '../credentials/binding.ts';
import { formatLoginLink } from '../portal/login-link.ts';
import { listFolder, readPrivateFile, replaceFile } from '../system/files.ts';
import type { Paths } from '../system/paths.ts';
import type { KonvoyArguments } from './arguments.ts';
import type { KonvoyBinding } from './binding.ts';

const tokenSchema = v.object({
  version: v.literal(1),
  /** Whom the token is for: the token service, `-kubeconfig-user`, and the API server unless several share it. */
  portal: v.string(),
  user: v.string(),
  server: v.nullable(v.string()),
  token: v.pipe(v.string(), v.regex(/^[\w-]+\.[\w-]+\.[\w-]+$/)),
  /** Unix seconds. */
  expiresAt: v.pipe(v.number(), v.integer()),
  account: v.object({ issuer: v.string(), subject: v.string(), label: v.string() }),
});

/** A token that this program keeps for kubeconfigs of the original plugin. */
export type KonvoyToken = v.InferOutput<typeof tokenSchema>;

/** Where such a token is kept, and what it is for. */
export type KonvoyPlace = Pick<KonvoyToken, 'portal' | 'user' | 'server'> & { readonly file: string };

/**
 * A folder of its own, and names that no profile can have: nothing that a profile gives out ever comes from here, and
 * the other way round. A cluster is its address and its authority, so a kubeconfig that trusts another one finds nothing.
 */
export function placeOf(paths: Paths, { link, user }: KonvoyArguments, binding: KonvoyBinding): KonvoyPlace {
  const portal = formatLoginLink(link);
  const cluster = binding.kind === 'cluster' ? binding.cluster : undefined;
  const key = JSON.stringify([portal, user, cluster?.server ?? null, comparablePem(cluster?.ca ?? '')]);
  const hash = createHash('sha256').update(key).digest('hex').slice(0, 32);
  const name = cluster === undefined ? `shared+${hash}` : `cluster+${hash}`;
  return { portal, user, server: cluster?.server ?? null, file: path.join(paths.konvoy, `${name}.json`) };
}

/**
 * What is kept there, good or not any more; undefined when there is nothing, or it is damaged or another's.
 * @throws UserError STORE_INVALID when others could have read or written it
 */
export async function readKonvoyToken(place: KonvoyPlace): Promise<KonvoyToken | undefined> {
  const token = parse(await readPrivateFile(place.file));
  const { portal, user, server } = place;
  return token?.portal === portal && token.user === user && token.server === server ? token : undefined;
}

function parse(content: string | undefined): KonvoyToken | undefined {
  try {
    const result = v.safeParse(tokenSchema, JSON.parse(content ?? ''));
    return result.success ? result.output : undefined;
  } catch {
    return undefined;
  }
}

export async function writeKonvoyToken(place: KonvoyPlace, token: KonvoyToken): Promise<void> {
  await replaceFile(place.file, `${JSON.stringify(token)}\n`, { secret: true });
}

/** Whether a token is kept already, anywhere but there. */
export async function isKeptElsewhere(paths: Paths, place: KonvoyPlace, token: string): Promise<boolean> {
  const names = (await listFolder(paths.konvoy)).filter(name => name.endsWith('.json'));
  const others = names.map(name => path.join(paths.konvoy, name)).filter(file => file !== place.file);
  const contents = await Promise.all(others.map(file => readPrivateFile(file).catch(() => undefined)));
  return contents.some(content => parse(content)?.token === token);
}

/** A token this close to its end is not handed out any more: the request it is for must still arrive. Seconds. */
const marginSeconds = 30;

export function isGood({ expiresAt }: Pick<KonvoyToken, 'expiresAt'>): boolean {
  return expiresAt - marginSeconds > Date.now() / 1000;
}
