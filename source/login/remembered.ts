import { toUserError } from '../errors.ts';
import { listClusters } from '../portal/clusters.ts';
import { type LoginLink, parseLoginLink } from '../portal/login-link.ts';
import { openPortal } from '../portal/open-portal.ts';
import { chooseProxies } from '../system/proxy.ts';
import { type RememberedPortal, rememberedPortals } from '../system/settings.ts';
import type { ConnectContext } from './connect.ts';
import { missingAnswers } from './resolve.ts';

/**
 * The portal, of those used before, that lists a server.
 * @throws UserError MISSING_ANSWERS
 */
export async function findPortalOf(
  server: string,
  proxy: string | undefined,
  context: ConnectContext,
): Promise<LoginLink> {
  const unreachable: string[] = [];
  for (const remembered of await rememberedPortals(context.paths)) {
    const link = parseLoginLink(remembered.loginLink);
    try {
      if (await lists(link, remembered, server, proxy, context)) return link;
    } catch (error) {
      context.signal.throwIfAborted();
      unreachable.push(toUserError(error).message);
    }
  }
  throw missingAnswers([
    {
      flag: 'LOGIN-LINK',
      why: ['no portal that was used before lists this server', ...unreachable].join('; '),
    },
    { flag: '--issuer URL --client-id ID', why: 'or the issuer whose tokens it takes' },
  ]);
}

async function lists(
  link: LoginLink,
  { ca }: RememberedPortal,
  server: string,
  proxy: string | undefined,
  { env, signal }: ConnectContext,
): Promise<boolean> {
  const trust = ca === undefined ? ({ kind: 'system' } as const) : ({ kind: 'authority', pem: ca } as const);
  const portal = openPortal(link, trust, { proxies: chooseProxies(proxy, env) });
  try {
    const { clusters } = await listClusters(portal, signal);
    return clusters.some(cluster => cluster.server === server);
  } finally {
    await portal.close();
  }
}
