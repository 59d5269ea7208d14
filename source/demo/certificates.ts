import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';
import {
  bits,
  integer,
  octets,
  oid,
  sequence,
  setOf,
  tagged,
  taggedPrimitive,
  time,
  utf8,
  yes,
} from './der.ts';

export type Authority = { readonly pem: string; issue(names: ServerNames): ServerCertificate };
export type ServerNames = {
  commonName: string;
  dns: string[];
  ip: string[];
  /** days from now; yesterday and in two weeks unless given */
  valid?: { from: number; to: number };
};
export type ServerCertificate = { readonly key: string /** the leaf, then the CA */; readonly chain: string };

const ecdsaWithSha256 = () => sequence(oid('1.2.840.10045.4.3.2'));
const day = 24 * 60 * 60 * 1000;

/** A certificate authority that lives as long as the process; nothing of its key is ever written. */
export function createAuthority(commonName: string): Authority {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const subject = nameOf(commonName);
  const pem = certificate({
    issuer: subject,
    issuerKey: privateKey,
    issuerPublicKey: publicKey,
    subject,
    publicKey,
    valid: { from: -1, to: 30 },
    extensions: [
      extension('2.5.29.19', sequence(yes()), true),
      extension('2.5.29.15', bits(Buffer.from([0x06]), 1), true),
    ],
  });
  const issue = (names: ServerNames): ServerCertificate => {
    const leaf = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const leafPem = certificate({
      issuer: subject,
      issuerKey: privateKey,
      issuerPublicKey: publicKey,
      subject: nameOf(names.commonName),
      publicKey: leaf.publicKey,
      valid: names.valid ?? { from: -1, to: 14 },
      extensions: [
        extension('2.5.29.15', bits(Buffer.from([0x80]), 7), true),
        extension('2.5.29.37', sequence(oid('1.3.6.1.5.5.7.3.1'))),
        extension('2.5.29.17', alternativeNames(names)),
      ],
    });
    return {
      key: leaf.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
      chain: leafPem + pem,
    };
  };
  return { pem, issue };
}

type Certificate = {
  issuer: Buffer;
  issuerKey: KeyObject;
  issuerPublicKey: KeyObject;
  subject: Buffer;
  publicKey: KeyObject;
  valid: { from: number; to: number };
  extensions: Buffer[];
};

function certificate(parts: Certificate): string {
  const spki = parts.publicKey.export({ type: 'spki', format: 'der' });
  const now = Date.now();
  const body = sequence(
    tagged(0, integer(Buffer.from([2]))),
    integer(Buffer.concat([Buffer.from([0x4d]), randomBytes(15)])),
    ecdsaWithSha256(),
    parts.issuer,
    sequence(...[parts.valid.from, parts.valid.to].map(days => time(new Date(now + days * day)))),
    parts.subject,
    spki,
    tagged(
      3,
      sequence(
        ...parts.extensions,
        extension('2.5.29.14', octets(keyIdentifier(parts.publicKey))),
        extension('2.5.29.35', sequence(taggedPrimitive(0, keyIdentifier(parts.issuerPublicKey)))),
      ),
    ),
  );
  const signed = sequence(body, ecdsaWithSha256(), bits(sign('sha256', body, parts.issuerKey)));
  const lines = signed.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
}

function keyIdentifier(key: KeyObject): Buffer {
  return createHash('sha1')
    .update(key.export({ type: 'spki', format: 'der' }))
    .digest();
}

function nameOf(commonName: string): Buffer {
  const attribute = (type: string, value: string) => setOf(sequence(oid(type), utf8(value)));
  return sequence(attribute('2.5.4.10', 'DKP demo'), attribute('2.5.4.3', commonName));
}

function extension(type: string, value: Buffer, critical = false): Buffer {
  return sequence(oid(type), ...(critical ? [yes()] : []), octets(value));
}

function alternativeNames(names: ServerNames): Buffer {
  return sequence(
    ...names.dns.map(name => taggedPrimitive(2, Buffer.from(name))),
    ...names.ip.map(address => taggedPrimitive(7, Buffer.from(address.split('.').map(Number)))),
  );
}
