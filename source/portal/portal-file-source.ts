import path from 'node:path';
import { UserError } from '../errors.ts';
import { readCertificates } from '../system/certificates.ts';
import { readTextFile } from '../system/files.ts';
import type { HttpClient } from '../system/http.ts';
import { plainText } from '../text.ts';
import { parseUrl } from '../url.ts';

const largestFile = 1_000_000;

/** The text of a portal file, and how the certificates it names beside itself are read. */
export type PortalFileText = {
  /** Its path or address, for people. */
  readonly source: string;
  readonly text: string;
  /** Reads a certificate file that the portal file names; only a file on this machine may name others. */
  readAuthority(file: string): Promise<string>;
};

/**
 * Reads a portal file of this machine, or fetches one; a fetched one comes over https, from the address itself, and
 * names no files.
 * @throws UserError IO, PORTAL_FILE_INVALID, NETWORK, TLS
 */
export function readPortalFileText(
  source: string,
  http: HttpClient,
  home: string | undefined,
  signal?: AbortSignal,
): Promise<PortalFileText> {
  if (!/^[a-z][a-z\d+.-]*:\/\//i.test(source)) return readLocal(source, home);
  const url = parseUrl(source);
  if (url?.protocol !== 'https:' || url.username !== '' || url.password !== '') {
    throw unreadable(`The portal file's address ${plainText(source)} is not a plain https:// address.`);
  }
  return fetchText(url, http, signal);
}

async function readLocal(source: string, home: string | undefined): Promise<PortalFileText> {
  const file = home !== undefined && source.startsWith('~/') ? path.join(home, source.slice(2)) : source;
  const text = await readTextFile(file, largestFile);
  if (text === undefined) throw new UserError('IO', `There is no portal file ${plainText(file)}.`);
  return {
    source: file,
    text: checkedText(text, file),
    readAuthority: async named => {
      const beside = path.resolve(path.dirname(file), named);
      const pem = await readTextFile(beside, largestFile);
      if (pem === undefined) throw new UserError('IO', `There is no file ${plainText(beside)}.`);
      return pem;
    },
  };
}

async function fetchText(
  url: URL,
  http: HttpClient,
  signal: AbortSignal | undefined,
): Promise<PortalFileText> {
  const { status, headers, body } = await http.send(url, { ...(signal && { signal }) });
  const source = `${url.origin}${url.pathname}`;
  if (status >= 300 && status < 400) {
    const target = plainText(headers['location'] ?? 'nowhere');
    throw unreadable(`${source} sends elsewhere: ${target}. The answer was not followed.`);
  }
  if (status !== 200) throw unreadable(`${source} answered with status ${status}.`);
  return {
    source,
    text: checkedText(body, source),
    readAuthority: () => Promise.reject(new UserError('IO', 'A portal file that is fetched names no files.')),
  };
}

function checkedText(text: string, source: string): string {
  if (text.length > largestFile) throw unreadable(`${plainText(source)} is larger than 1 MB.`);
  if (/[\0\uFFFD]/.test(text)) throw unreadable(`${plainText(source)} is not a text in UTF-8.`);
  return text;
}

/** The certificates of a PEM text, without what stands around them. */
export function cleanPem(pem: string, source: string): string {
  return readCertificates(pem, source)
    .map(certificate => certificate.pem.trim())
    .join('\n')
    .concat('\n');
}

function unreadable(message: string): UserError {
  return new UserError('PORTAL_FILE_INVALID', message, {
    hint: 'Ask whoever gave you the portal file where it is.',
  });
}
