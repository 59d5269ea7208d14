import type { Portal } from '../../portal/portal.ts';
import { discoverIssuer, fetchKeysAt } from '../../sign-in/issuer.ts';
import { plainText } from '../../text.ts';
import { type Check, notReached, ok, warning } from '../check.ts';
import type { PortalTarget, TargetClient } from '../portal-target.ts';
import { clientChecks } from './client.ts';

export type Metadata = Awaited<ReturnType<typeof discoverIssuer>>;

/** What an issuer publishes, and whether it knows the clients that profiles sign in with. */
export function issuerChecks(
  prefix: string,
  target: PortalTarget,
  portal: Portal,
  fromPlatform: () => string | undefined,
): Check[] {
  const { issuers } = target;
  if (issuers.length > 0) {
    return issuers.flatMap((issuer, number) => {
      const place = { key: `${prefix}/issuer ${number}`, needs: [`${prefix}/tls`], issuer: () => issuer };
      return checksOfOne(
        place,
        target.clients.filter(client => client.issuer === issuer),
        portal,
      );
    });
  }
  // Without a profile nobody but the platform knows its issuer; there is one as a rule.
  return checksOfOne(
    { key: `${prefix}/issuer`, needs: [`${prefix}/token-service`], issuer: fromPlatform },
    [],
    portal,
  );
}

type Place = {
  readonly key: string;
  readonly needs: readonly string[];
  issuer(): string | undefined;
};

function checksOfOne(
  { key, needs, issuer: issuerOf }: Place,
  clients: readonly TargetClient[],
  portal: Portal,
): Check[] {
  let metadata: Metadata | undefined;
  return [
    {
      key,
      id: 'issuer',
      needs,
      async run(signal) {
        const issuer = issuerOf();
        if (issuer === undefined) return notReached('the platform names no issuer');
        metadata = await discoverIssuer(portal.httpFor(issuer), issuer, signal);
        return ok(`${plainText(issuer)} publishes its metadata`);
      },
    },
    {
      key: `${key}/keys`,
      id: 'keys',
      needs: [key],
      async run(signal) {
        const issuer = issuerOf() ?? '';
        const { keys } = await fetchKeysAt(portal.httpFor(issuer), issuer, metadata?.jwks_uri, signal);
        const { length } = keys.keys;
        return length > 0
          ? ok(`${length} to check tokens with`)
          : warning('the list of keys is empty', 'No token can be checked. Tell your administrator.');
      },
    },
    ...clients.flatMap(client => clientChecks(key, client, portal, () => metadata)),
  ];
}
