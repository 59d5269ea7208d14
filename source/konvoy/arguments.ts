import { UserError } from '../errors.ts';
import { type LoginLink, linkOfTokenService } from '../portal/login-link.ts';
import { plainText } from '../text.ts';
import { parseUrl } from '../url.ts';

/** What a kubeconfig of the platform says to its plugin. */
export type KonvoyArguments = {
  /** The token service at `-auth-url`. */
  readonly link: LoginLink;
  /** `-kubeconfig-user`; empty when not given, as with the original. */
  readonly user: string;
  /** PEM out of `-ca-data`. */
  readonly caData: string | undefined;
  readonly caFile: string | undefined;
  /** `-no-browser-exec`: only show the address. */
  readonly noBrowser: boolean;
  /** Where the original keeps its tokens, when not in the usual place. */
  readonly tokenDir: string | undefined;
};

const textFlags = ['auth-url', 'kubeconfig-user', 'ca-data', 'ca-file', 'token-dir'] as const;
const browserFlag = 'no-browser-exec';
type TextFlag = (typeof textFlags)[number];
const isTextFlag = (name: string): name is TextFlag => textFlags.some(flag => flag === name);

const longestUser = 200;

/**
 * Reads the original's flags as Go's flag package reads them: one dash or two, `-name=value` or `-name value`, a switch
 * with or without a value, the last one counts.
 * @returns undefined when help is asked for
 * @throws UserError USAGE, PROFILE_NAME_INVALID, LINK_INVALID
 */
export function parseKonvoyArguments(args: readonly string[]): KonvoyArguments | undefined {
  const texts = new Map<TextFlag, string>();
  let noBrowser = false;
  const rest = [...args];
  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    const [, name, value] = /^--?([^-=][^=]*)(?:=([\s\S]*))?$/.exec(word) ?? [];
    if (name === undefined) throw usage(`"${plainText(word, 80)}" is not a flag`);
    if (name === 'h' || name === 'help') return undefined;
    if (name === browserFlag) {
      noBrowser = booleanOf(value ?? 'true');
    } else if (isTextFlag(name)) {
      const text = value ?? rest.shift();
      if (text === undefined) throw usage(`-${name} needs a value`);
      texts.set(name, text);
    } else {
      throw usage(`there is no flag -${plainText(name, 80)}`);
    }
  }
  return {
    link: tokenServiceAt(texts.get('auth-url')),
    user: checkedUser(texts.get('kubeconfig-user') ?? ''),
    caData: pemOf(texts.get('ca-data')),
    caFile: texts.get('ca-file') || undefined,
    noBrowser,
    tokenDir: texts.get('token-dir') || undefined,
  };
}

function booleanOf(text: string): boolean {
  if (/^(1|t|true|T|TRUE|True)$/.test(text)) return true;
  if (/^(0|f|false|F|FALSE|False)$/.test(text)) return false;
  throw usage(`-${browserFlag} takes true or false`);
}

function tokenServiceAt(address: string | undefined): LoginLink {
  if (!address) throw usage('-auth-url is missing');
  const url = parseUrl(address);
  if (url?.protocol !== 'https:') throw usage('-auth-url is not an https address');
  return linkOfTokenService(url.href);
}

/** The original makes a folder of this name, so a path in it would lead out of the folder of tokens. */
function checkedUser(user: string): string {
  const isPath = /[/\\\p{Cc}]/u.test(user) || user === '.' || user === '..';
  if (!isPath && user.length <= longestUser) return user;
  throw new UserError(
    'PROFILE_NAME_INVALID',
    `The -kubeconfig-user "${plainText(user, 80)}" ${isPath ? 'is a path' : 'is too long'}; a name is expected.`,
    { hint: 'Nothing was read or written. Download the kubeconfig again, with another profile name.' },
  );
}

function pemOf(data: string | undefined): string | undefined {
  if (!data) return undefined;
  const pem = Buffer.from(data, 'base64').toString('utf8');
  if (pem.includes('-----BEGIN CERTIFICATE-----')) return pem;
  throw new UserError('CA_FILE_INVALID', '-ca-data is not a PEM certificate in base64.', {
    hint: 'Download the kubeconfig again.',
  });
}

export const konvoyUsage = `Stands in for the Konvoy async plugin: prints a token for the kubeconfigs that the platform hands out.
Usage: konvoy-async-plugin -auth-url=https://HOST/token/ -kubeconfig-user=NAME
         [-ca-data=BASE64] [-ca-file=FILE] [-no-browser-exec] [-token-dir=FOLDER]`;

function usage(fault: string): UserError {
  return new UserError('USAGE', `${fault.charAt(0).toUpperCase()}${fault.slice(1)}.`, { hint: konvoyUsage });
}
