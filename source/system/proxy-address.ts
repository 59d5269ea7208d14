import { UserError } from '../errors.ts';
import { plainText } from '../text.ts';
import { parseUrl } from '../url.ts';

/** Whether a text is the address of a proxy that can be used. */
export function isProxy(text: string): boolean {
  try {
    parseProxy(text.trim(), '');
    return true;
  } catch {
    return false;
  }
}

export function parseProxy(text: string, named: string): URL {
  const withScheme = /^[a-z][a-z\d+.-]*:\/\//i.test(text) ? text : `http://${text}`;
  const url = parseUrl(withScheme);
  const readable = url !== undefined && credentialsOf(url) !== undefined && url.hostname !== '';
  if (!readable) throw invalid(named, 'is not the address of a proxy');
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    throw invalid(named, `names a proxy of a kind that is not supported (${plainText(url.protocol, 20)})`);
  }
  return url;
}

function invalid(named: string, fault: string): UserError {
  return new UserError('USAGE', `${named} ${fault}.`, {
    hint: 'It looks like http://proxy.example.com:3128, or http://USER:PASSWORD@HOST:PORT; https:// if the proxy itself has TLS.',
  });
}

export function credentialsOf({ username, password }: URL): { user: string; password: string } | undefined {
  try {
    return { user: decodeURIComponent(username), password: decodeURIComponent(password) };
  } catch {
    return undefined;
  }
}
