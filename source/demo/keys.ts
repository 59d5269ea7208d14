import {
  createPublicKey,
  generateKeyPair,
  type JsonWebKey,
  type KeyObject,
  randomBytes,
  sign,
  verify,
} from 'node:crypto';
import { promisify } from 'node:util';

export type Claims = Record<string, unknown>;
export type PublicJwk = JsonWebKey & { kid: string; alg: 'RS256'; use: 'sig' };
export type SigningKey = { readonly kid: string; readonly privateKey: KeyObject; readonly jwk: PublicJwk };

const generate = promisify(generateKeyPair);

export async function createSigningKey(): Promise<SigningKey> {
  const { privateKey, publicKey } = await generate('rsa', { modulusLength: 2048 });
  const kid = randomBytes(20).toString('hex');
  return { kid, privateKey, jwk: { ...publicKey.export({ format: 'jwk' }), kid, alg: 'RS256', use: 'sig' } };
}

/** The issuer's signing keys, the present one first. */
export class KeyRing {
  #keys: SigningKey[];

  constructor(first: SigningKey) {
    this.#keys = [first];
  }

  get present(): SigningKey {
    const [key] = this.#keys;
    if (key === undefined) throw new Error('a key ring is never empty');
    return key;
  }

  jwks(): PublicJwk[] {
    return this.#keys.map(key => key.jwk);
  }

  async rotate(keepOld: boolean): Promise<void> {
    const next = await createSigningKey();
    this.#keys = keepOld ? [next, ...this.#keys.slice(0, 2)] : [next];
  }

  sign(claims: Claims): string {
    return signJwt(claims, this.present);
  }
}

export function signJwt(claims: Claims, key: SigningKey): string {
  const input = `${encode({ alg: 'RS256', kid: key.kid })}.${encode(claims)}`;
  return `${input}.${sign('sha256', Buffer.from(input), key.privateKey).toString('base64url')}`;
}

export function unsignedJwt(claims: Claims): string {
  return `${encode({ alg: 'none' })}.${encode(claims)}.`;
}

const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

function decode(part: string | undefined): Claims | undefined {
  if (part === undefined) return undefined;
  try {
    const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString());
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Claims)
      : undefined;
  } catch {
    return undefined;
  }
}

/** The claims of a JWT, unchecked. */
export function claimsOf(token: string): Claims | undefined {
  const parts = token.split('.');
  return parts.length === 3 ? decode(parts[1]) : undefined;
}

/** The claims of a JWT with a good RS256 signature by one of the keys. */
export function verifiedClaims(token: string, keys: readonly JsonWebKey[]): Claims | undefined {
  const [head, body, signature] = token.split('.');
  const header = decode(head);
  if (header?.['alg'] !== 'RS256' || signature === undefined) return undefined;
  const fitting = keys.filter(key => header['kid'] === undefined || key['kid'] === header['kid']);
  const good = fitting.some(key =>
    verify(
      'sha256',
      Buffer.from(`${head}.${body}`),
      createPublicKey({ key, format: 'jwk' }),
      Buffer.from(signature, 'base64url'),
    ),
  );
  return good ? claimsOf(token) : undefined;
}
