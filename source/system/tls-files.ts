import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { UserError } from '../errors.ts';
import { readCertificates } from './certificates.ts';
import { readTextFile } from './files.ts';
import type { ClientCertificate } from './http.ts';

/**
 * The certificates of PEM files, in order.
 * @throws UserError CA_FILE_INVALID
 */
export async function readAuthorities(files: readonly string[]): Promise<string[]> {
  const lists = await Promise.all(
    files.map(async file => readCertificates(await readPem(file), file).map(({ pem }) => pem)),
  );
  return lists.flat();
}

/**
 * A client certificate (with its intermediates) and its private key, of two files or of one that holds both.
 * @throws UserError CLIENT_CERTIFICATE_INVALID
 */
export async function readClientCertificate(
  certificateFile: string,
  keyFile: string,
): Promise<ClientCertificate> {
  const [certificate, key] = await Promise.all([readPem(certificateFile), readPem(keyFile)]);
  const own = parseCertificate(certificate, certificateFile);
  if (!own.checkPrivateKey(parseKey(key, keyFile))) {
    throw invalid(`The key in ${keyFile} is not the one of the certificate in ${certificateFile}.`);
  }
  return { certificate, key };
}

async function readPem(file: string): Promise<string> {
  const text = await readTextFile(file, 1_000_000);
  if (text === undefined) throw new UserError('IO', `There is no file ${file}.`);
  return text;
}

// The first one is the client's own; what follows leads to its authority.
function parseCertificate(pem: string, file: string): X509Certificate {
  try {
    return new X509Certificate(pem);
  } catch (error) {
    throw invalid(`${file} holds no PEM certificate that can be read.`, error);
  }
}

function parseKey(pem: string, file: string): KeyObject {
  if (/-----BEGIN ENCRYPTED PRIVATE KEY-----|^Proc-Type: 4,ENCRYPTED/m.test(pem)) {
    throw invalid(
      `The key in ${file} is encrypted; nobody could be asked for its passphrase when kubectl runs.`,
    );
  }
  try {
    return createPrivateKey(pem);
  } catch (error) {
    throw invalid(`${file} holds no PEM private key that can be read.`, error);
  }
}

function invalid(message: string, cause?: unknown): UserError {
  return new UserError('CLIENT_CERTIFICATE_INVALID', message, {
    hint: '--client-certificate and --client-key take PEM files.',
    cause,
  });
}
