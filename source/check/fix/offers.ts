import { isAbort, toUserError, UserError } from '../../errors.ts';
import { wayFor } from '../../login/choices.ts';
import { findAudiences } from '../../login/find-audiences.ts';
import { stockAudience } from '../../login/isolation.ts';
import { type Cluster, listClusters } from '../../portal/clusters.ts';
import { formatLoginLink, type LoginLink, parseLoginLink } from '../../portal/login-link.ts';
import { openPortal } from '../../portal/open-portal.ts';
import type { DkpPortal, Trust } from '../../portal/portal.ts';
import { audiencesOf } from '../../sign-in/page-audiences.ts';
import { beginPortalSignIn } from '../../sign-in/portal.ts';
import type { Environment, Paths } from '../../system/paths.ts';
import { chooseProxies } from '../../system/proxy.ts';
import { rememberedPortals } from '../../system/settings.ts';
import { clusterIdentity } from '../cluster-identity.ts';
import type { HandedOutContext } from './handed-out.ts';

export type FixContext = {
  readonly env: Environment;
  readonly paths: Paths;
  readonly signal: AbortSignal;
  /** Where the platform's login link for a workspace is needed to see its clusters. */
  readonly workspace: string | undefined;
};

/** A cluster as its portal lists it, and what a profile for it needs to know. */
export type Offer = {
  readonly cluster: Cluster;
  readonly link: LoginLink;
  readonly trust: Trust;
  readonly signIn: 'portal' | 'page';
};

/** What one portal lists, by the address of the API server; or why it could not be asked. */
export type Offers = ReadonlyMap<string, Offer> | UserError;

/** Contexts with an equal key are for one portal. */
export function portalKey({ link, ca }: Pick<HandedOutContext, 'link' | 'ca'>): string {
  return JSON.stringify([link.origin, link.prefix, ca?.trim()]);
}

/**
 * Asks each portal for its clusters: without a workspace, and for the workspaces that this machine has used there or that
 * was named. A kubeconfig does not say which one it was made for.
 */
export async function collectOffers(
  contexts: readonly HandedOutContext[],
  context: FixContext,
): Promise<Map<string, Offers>> {
  const offers = new Map<string, Offers>();
  for (const [key, group] of Map.groupBy(contexts, portalKey)) {
    const [first] = group;
    if (first === undefined) continue;
    const wanted = new Set(group.map(({ cluster }) => clusterIdentity(String(cluster.content['server']))));
    try {
      offers.set(key, await askPortal(first, wanted, context));
    } catch (error) {
      if (isAbort(error)) throw error;
      offers.set(key, toUserError(error));
    }
  }
  return offers;
}

async function askPortal(
  { link, ca }: Pick<HandedOutContext, 'link' | 'ca'>,
  wanted: ReadonlySet<string>,
  context: FixContext,
): Promise<Offers> {
  const remembered = (await rememberedPortals(context.paths)).filter(portal =>
    portal.loginLink.startsWith(`${link.origin}/`),
  );
  // What a person once chose to trust counts more than what a file says.
  const pem = remembered.find(portal => portal.ca !== undefined)?.ca ?? ca;
  const trust: Trust = pem === undefined ? { kind: 'system' } : { kind: 'authority', pem };
  const links = new Map<string, LoginLink>([[formatLoginLink(link), link]]);
  for (const { loginLink } of remembered) links.set(loginLink, parseLoginLink(loginLink));
  if (context.workspace !== undefined) {
    const named = parseLoginLink(
      `${link.origin}${link.prefix}/landing/${encodeURIComponent(context.workspace)}`,
    );
    links.set(formatLoginLink(named), named);
  }
  const offers = new Map<string, Offer>();
  let failure: unknown;
  for (const each of links.values()) {
    if (offers.size === wanted.size) break;
    const portal = openPortal(each, trust, { proxies: chooseProxies(undefined, context.env) });
    try {
      for (const offer of await offersOf(portal, each, trust, wanted, context.signal)) {
        if (!offers.has(offer.cluster.server)) offers.set(offer.cluster.server, offer);
      }
    } catch (error) {
      if (isAbort(error)) throw error;
      // Another link may list some.
      if (!(error instanceof UserError) || error.code !== 'NO_CLUSTERS') failure ??= error;
    } finally {
      await portal.close();
    }
  }
  if (offers.size === 0 && failure !== undefined) throw failure;
  return offers;
}

async function offersOf(
  portal: DkpPortal,
  link: LoginLink,
  trust: Trust,
  wanted: ReadonlySet<string>,
  signal: AbortSignal,
): Promise<Offer[]> {
  const listed = await listClusters(portal, signal);
  const clusters = listed.clusters.filter(({ server }) => wanted.has(server));
  if (clusters.length === 0) return [];
  const accepted = await findAudiences(portal, clusters, signal);
  // A login that is begun gets in the way of others of that second, so it is begun only to find out what is not usual.
  const isUsual = [...accepted.values()].every(audiences => audiences.includes(stockAudience));
  const offered = isUsual ? [stockAudience] : await portalAudiences(portal, signal);
  return clusters.map(cluster => ({
    cluster,
    link,
    trust,
    signIn: wayFor(accepted.get(cluster), offered),
  }));
}

async function portalAudiences(portal: DkpPortal, signal: AbortSignal): Promise<string[] | undefined> {
  try {
    return audiencesOf((await beginPortalSignIn(portal, signal)).authorizationUrl);
  } catch (error) {
    if (isAbort(error)) throw error;
    return undefined;
  }
}
