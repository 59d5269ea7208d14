import net from 'node:net';
import type { UserError } from '../../errors.ts';
import { networkError, proxyAuthorities } from '../../system/http.ts';
import { openTunnel, type Proxies, proxyFor } from '../../system/proxy.ts';
import { addressesOf, connectOnce, hostOf } from '../../system/reach.ts';
import { plainText, shortList } from '../../text.ts';
import { type Check, fault, ok } from '../check.ts';

export type NetworkPlace = { readonly prefix: string; readonly origin: URL; readonly proxies: Proxies };

/** The way there, from the outside in: the proxy, the name, the port. */
export function networkChecks({ prefix, origin, proxies }: NetworkPlace): Check[] {
  const key = (id: string) => `${prefix}/${id}`;
  const proxy = proxyFor(proxies, origin);
  const host = plainText(hostOf(origin));
  return [
    {
      key: key('proxy'),
      id: 'proxy',
      async run(signal) {
        if (proxy === undefined) {
          return ok(proxies.proxy === undefined ? 'none is set' : `NO_PROXY excepts ${host}`);
        }
        const options = { connectMs: 3_000, authorities: proxyAuthorities(proxies), signal };
        try {
          (await openTunnel(proxy, origin, options)).destroy();
        } catch (error) {
          signal.throwIfAborted();
          const { message, hint } = networkError(error, origin) as UserError;
          return fault(message, hint ?? 'Check HTTPS_PROXY and NO_PROXY.');
        }
        return ok(`${proxy.host} lets us through`);
      },
    },
    {
      key: key('name'),
      id: 'name',
      async run() {
        if (proxy !== undefined) return ok(`${host} is looked up by the proxy`);
        if (net.isIP(host) !== 0) return ok(`${host} is an address`);
        const addresses = await addressesOf(origin).catch(() => []);
        if (addresses.length > 0) return ok(`${host} is ${shortList(addresses, 4)}`);
        return fault(
          `the name ${host} is not known here`,
          'Check how the address is spelled. Many platforms are known in their own network only: connect the VPN.',
        );
      },
    },
    {
      key: key('tcp'),
      id: 'tcp',
      needs: [key('proxy'), key('name')],
      async run(signal) {
        const port = origin.port || '443';
        if (proxy !== undefined) return ok(`port ${port} answers through the proxy`);
        await connectOnce(origin, signal);
        return ok(`port ${port} answers`);
      },
    },
  ];
}
