import { formatLoginLink, type LoginLink, parseLoginLink } from '../portal/login-link.ts';
import { openIssuer, openPortal } from '../portal/open-portal.ts';
import type { Portal, Trust } from '../portal/portal.ts';
import type { Profile, ProfileClient } from '../profiles/profile.ts';
import { installationOf } from '../profiles/registry.ts';
import type { Proxies } from '../system/proxy.ts';
import type { RememberedPortal } from '../system/settings.ts';
import { parseUrl } from '../url.ts';

/** A client with which profiles sign in at an issuer. */
export type TargetClient = {
  readonly issuer: string;
  readonly settings: ProfileClient;
  readonly identityProvider: string | undefined;
  readonly usesBrowser: boolean;
};

/** A platform, or an issuer alone, as it is known here. */
export type PortalTarget = {
  /** Its login link, or the address of the issuer. */
  readonly title: string;
  readonly origin: URL;
  readonly link: LoginLink | undefined;
  /** PEM of what stands in for the system's authorities. */
  readonly ca: string | undefined;
  /** Issuers that profiles name; where there is none, the platform is asked. */
  readonly issuers: readonly string[];
  readonly clients: readonly TargetClient[];
};

export type Known = {
  readonly profiles: readonly Profile[];
  readonly remembered: readonly RememberedPortal[];
};

/** Every installation that profiles or former logins know; one for each address. */
export function knownTargets({ profiles, remembered }: Known): PortalTarget[] {
  const places = new Map<string, Profile[]>();
  for (const profile of profiles) {
    const place = placeOf(installationOf(profile));
    places.set(place, [...(places.get(place) ?? []), profile]);
  }
  const used = [...places.values()].map(targetOf).filter(target => target !== undefined);
  const others = remembered.filter(({ loginLink }) => !places.has(placeOf(loginLink)));
  return [
    ...used,
    ...others.flatMap(({ loginLink, ca }) => {
      const link = linkOf(loginLink);
      return link === undefined ? [] : [linkTarget(link, ca)];
    }),
  ];
}

/** The platform that a person names, with what is known of it already. */
export function namedTarget(link: LoginLink, ca: string | undefined, known: Known): PortalTarget {
  const here = knownTargets(known).find(target => target.origin.origin === link.origin);
  return { ...(here ?? linkTarget(link, ca)), link, title: formatLoginLink(link), ca: ca ?? here?.ca };
}

export function linkTarget(link: LoginLink, ca: string | undefined): PortalTarget {
  return { title: formatLoginLink(link), origin: new URL(link.origin), link, ca, issuers: [], clients: [] };
}

function targetOf(profiles: readonly Profile[]): PortalTarget | undefined {
  const [first] = profiles;
  if (first === undefined) return undefined;
  const { loginLink, ca } = first.portal;
  const place = installationOf(first);
  const url = parseUrl(place);
  if (url === undefined) return undefined;
  return {
    title: place,
    origin: new URL(url.origin),
    link: linkOf(loginLink),
    ca,
    issuers: [...new Set(profiles.map(({ issuer }) => issuer))],
    clients: clientsOf(profiles),
  };
}

/** undefined too for one that somebody has spoiled by hand: what is left of the target is looked at. */
function linkOf(text: string | undefined): LoginLink | undefined {
  try {
    return text === undefined ? undefined : parseLoginLink(text);
  } catch {
    return undefined;
  }
}

function clientsOf(profiles: readonly Profile[]): TargetClient[] {
  const clients = new Map<string, TargetClient>();
  for (const { issuer, client: settings, identityProvider, signIn } of profiles) {
    if (settings === undefined) continue;
    const key = JSON.stringify([issuer, settings.id]);
    const usesBrowser = signIn === 'browser' || signIn === 'paste' || clients.get(key)?.usesBrowser === true;
    clients.set(key, { issuer, settings, identityProvider, usesBrowser });
  }
  return [...clients.values()];
}

/** One installation has one address and one certificate, whatever workspace its links are for. */
function placeOf(address: string): string {
  return parseUrl(address)?.origin ?? address;
}

const impatient = { connectMs: 3_000, silenceMs: 3_000, totalMs: 3_000 };

export function openTarget({ link, ca, origin }: PortalTarget, proxies: Proxies | undefined): Portal {
  const trust: Trust = ca === undefined ? { kind: 'system' } : { kind: 'authority', pem: ca };
  const options = { ...(proxies && { proxies }), limits: impatient };
  return link === undefined ? openIssuer(origin.href, trust, options) : openPortal(link, trust, options);
}
