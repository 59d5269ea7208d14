import { UserError } from '../errors.ts';
import {
  inspectServerCertificates,
  readCertificates,
  type ServerCertificates,
} from '../system/certificates.ts';
import { displayFingerprint } from '../system/fingerprint.ts';
import { createHttpClient } from '../system/http.ts';
import type { Proxies } from '../system/proxy.ts';
import type { LoginLink } from './login-link.ts';
import type { Trust } from './portal.ts';
import { serviceUrl } from './token-service.ts';

/** What is known of a portal's certificate before anybody decides. */
export type TrustFinding =
  | { readonly kind: 'trusted'; readonly trust: Trust }
  | { readonly kind: 'unknown'; readonly certificates: ServerCertificates };

/** What a person said about trust before: a certificate remembered, a file, a fingerprint. */
export type TrustAnswers = {
  readonly remembered?: string | undefined;
  /** Content of the file named by `--ca-file`. */
  readonly caFile?: { readonly path: string; readonly pem: string } | undefined;
  /** SHA-256 fingerprint given by `--trust`, in any of the usual spellings. */
  readonly fingerprint?: string | undefined;
};

/**
 * Decides from what is known already whether a portal's certificate can be trusted; asks nobody and sends nothing.
 * @throws UserError TRUST_REFUSED when the person named a certificate and the server has another one
 */
export async function findTrust(
  link: LoginLink,
  answers: TrustAnswers,
  signal?: AbortSignal,
  proxies?: Proxies,
): Promise<TrustFinding> {
  const origin = new URL(link.origin);
  if (answers.caFile !== undefined) {
    readCertificates(answers.caFile.pem, answers.caFile.path);
    return { kind: 'trusted', trust: { kind: 'authority', pem: answers.caFile.pem } };
  }
  const certificates = await inspectServerCertificates(origin, signal, proxies);
  if (answers.fingerprint !== undefined) {
    const fingerprint = parseFingerprint(answers.fingerprint);
    const named = [certificates.authority, certificates.server].find(
      each => each.fingerprint === fingerprint,
    );
    if (named !== undefined) return { kind: 'trusted', trust: { kind: 'authority', pem: named.pem } };
    throw new UserError(
      'TRUST_REFUSED',
      `${origin.host} has another certificate than the one given by --trust.`,
      {
        hint: `It has ${displayFingerprint(certificates.authority.fingerprint)}. Ask your administrator which is right.`,
      },
    );
  }
  if (answers.remembered !== undefined) return rememberedTrust(link, answers.remembered, signal, proxies);
  if (certificates.trusted) return { kind: 'trusted', trust: { kind: 'system' } };
  return { kind: 'unknown', certificates };
}

// A portal whose certificate no longer fits the remembered one is not a question to be waved through.
async function rememberedTrust(
  link: LoginLink,
  pem: string,
  signal: AbortSignal | undefined,
  proxies: Proxies | undefined,
): Promise<TrustFinding> {
  const http = createHttpClient({ authorities: [pem], ...(proxies && { proxies }) });
  try {
    await http.send(serviceUrl(link, '/'), { ...(signal && { signal }) });
    return { kind: 'trusted', trust: { kind: 'authority', pem } };
  } catch (error) {
    if (!(error instanceof UserError) || error.code !== 'TLS') throw error;
    throw new UserError(
      'TRUST_REFUSED',
      `${new URL(link.origin).host} no longer has the certificate you trusted.`,
      {
        hint: 'Ask your administrator whether it was renewed; then trust the new one with --ca-file or --trust.',
        cause: error,
      },
    );
  } finally {
    await http.close();
  }
}

function parseFingerprint(text: string): string {
  const hex = text
    .replace(/^sha256[:/]/i, '')
    .replaceAll(':', '')
    .toLowerCase();
  if (/^[0-9a-f]{64}$/.test(hex)) return hex;
  throw new UserError(
    'USAGE',
    '--trust takes a SHA-256 fingerprint: 64 hexadecimal digits, with or without colons.',
  );
}
