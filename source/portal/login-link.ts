import { UserError } from '../errors.ts';
import { plainText } from '../text.ts';
import { parseUrl } from '../url.ts';

/** One DKP installation as its login link names it, and the workspace the link is for (none: global). */
export type LoginLink = {
  /** `https://HOST[:PORT]`, normalized. */
  readonly origin: string;
  /** Path of the token service, without a slash at the end; `/token` unless the platform was set up otherwise. */
  readonly prefix: string;
  readonly workspace: string | undefined;
};

const defaultPrefix = '/token';
const longestLink = 2000;
const workspaceName = /^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/;
const prefixPath = /^(\/[\w.~-]+)+$/;

const example =
  'A login link looks like https://dkp.example.com/token/landing/ or https://dkp.example.com/token/landing/WORKSPACE.';

/**
 * Reduces whatever address of a platform a person pastes (login link, workspace link, dashboard, token page, or only
 * the host) to the installation and the workspace.
 * @throws UserError LINK_INVALID
 */
export function parseLoginLink(text: string): LoginLink {
  const url = parseAddress(text.trim());
  if (url.protocol === 'http:') {
    throw invalid(
      'begins with http://, which anybody on the way can read',
      `Use https://${url.host}${url.pathname}.`,
    );
  }
  if (url.protocol !== 'https:') throw invalid('is not an https address');
  if (url.username !== '' || url.password !== '')
    throw invalid('holds a user name or password before the host');
  const { prefix, workspace } = parsePath(url);
  if (workspace !== undefined && !workspaceName.test(workspace)) {
    throw invalid(`names a workspace that cannot be one: "${plainText(workspace, 80)}"`);
  }
  return { origin: url.origin, prefix, workspace };
}

function parseAddress(text: string): URL {
  if (text === '') throw invalid('is empty');
  if (text.length > longestLink) throw invalid('is too long');
  const withScheme = /^[a-z][a-z\d+.-]*:\/\//i.test(text) ? text : `https://${text}`;
  // A blank or a control character inside is more likely half a paste than an address; the URL parser would drop it.
  const url = /[\s\p{Cc}]/u.test(withScheme) ? undefined : parseUrl(withScheme);
  if (url === undefined) throw invalid('is not an address');
  // The URL parser takes `..` for a host; it becomes part of a file's name here.
  if (/(^|\.)\./.test(url.hostname)) throw invalid('names no host');
  return url;
}

function parsePath(url: URL): Pick<LoginLink, 'prefix' | 'workspace'> {
  const tenant = url.searchParams.get('tenant-id') ?? undefined;
  const landing = /^(?<prefix>.*)\/(?:landing|workspace)(?:\/(?<workspace>[^/]*))?\/*$/.exec(url.pathname);
  if (landing?.groups === undefined)
    return { prefix: prefixBeforeKnownPath(url.pathname), workspace: tenant };
  const { prefix = '', workspace } = landing.groups;
  return { prefix: checkedPrefix(prefix), workspace: decode(workspace) ?? tenant };
}

function prefixBeforeKnownPath(pathname: string): string {
  const known = /^(?<prefix>.+?)\/(?:plugin|login|async|callback)(?:\/.*)?$/.exec(pathname)?.groups?.[
    'prefix'
  ];
  return known === undefined || known.startsWith('/dkp/') || known === '/dex'
    ? defaultPrefix
    : checkedPrefix(known);
}

function checkedPrefix(prefix: string): string {
  // The landing page of old installations stands elsewhere than their token service.
  if (prefix === '' || prefix === '/ops') return defaultPrefix;
  if (!prefixPath.test(prefix)) throw invalid('has a path that is not one of the platform');
  return prefix;
}

function decode(segment: string | undefined): string | undefined {
  if (segment === undefined || segment === '') return undefined;
  try {
    return decodeURIComponent(segment);
  } catch {
    throw invalid('has a path that cannot be read');
  }
}

function invalid(fault: string, hint = example): UserError {
  return new UserError('LINK_INVALID', `This login link ${fault}.`, { hint });
}

/** The link in the form an administrator hands out. */
export function formatLoginLink(link: LoginLink): string {
  return `${link.origin}${link.prefix}/landing/${link.workspace ?? ''}`;
}

/**
 * The link of a token service whose address is known, as plugins are told it: `https://HOST/token/`.
 * @throws UserError LINK_INVALID
 */
export function linkOfTokenService(address: string): LoginLink {
  const url = parseUrl(address);
  if (url === undefined) throw invalid('is not an address');
  url.pathname = `${url.pathname.replace(/\/+$/, '')}/landing/`;
  return parseLoginLink(url.href);
}

/** Whether two links are for the same installation and workspace. */
export function sameLink(a: LoginLink, b: LoginLink): boolean {
  return formatLoginLink(a) === formatLoginLink(b);
}

/** A file name for the portal: its host, and the workspace if there is one. */
export function portalName(link: LoginLink): string {
  const host = new URL(link.origin).host.replace(/[[\]]/g, '').replaceAll(':', '-');
  return link.workspace === undefined ? host : `${host}_${link.workspace}`;
}
