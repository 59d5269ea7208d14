import { hostile } from './hostile.ts';
import { type Claims, claimsOf, type KeyRing, type SigningKey, signJwt, unsignedJwt } from './keys.ts';

/** Signs any claims: as the issuer, with a key that nobody published, or not at all. */
export type TokenMint = (claims: Claims, how?: 'issuer' | 'other-key' | 'unsigned') => string;

export type TokenFault =
  | 'other-issuer'
  | 'other-account'
  | 'other-key'
  | 'wrong-audience'
  | 'old'
  | 'expired'
  | 'unsigned'
  | 'not-a-jwt'
  | 'hostile-claims';

/** `strangers` is a key that was never published. */
export function createMint(ring: KeyRing, strangers: SigningKey): TokenMint {
  return (claims, how = 'issuer') => {
    if (how === 'unsigned') return unsignedJwt(claims);
    return how === 'issuer' ? ring.sign(claims) : signJwt(claims, { ...strangers, kid: ring.present.kid });
  };
}

/** What a broken or hostile portal hands out in place of a genuine token. */
export function faultyToken(mint: TokenMint, genuine: string, fault: TokenFault): string {
  const claims = claimsOf(genuine) ?? {};
  const seconds = (name: string) => Number(claims[name] ?? 0);
  switch (fault) {
    case 'other-issuer':
      return mint({ ...claims, iss: 'https://evil.example/dex' }, 'other-key');
    case 'other-account':
      return mint({
        ...claims,
        sub: 'CgVtYWxsb3ISCWNvcnBvcmF0ZQ',
        email: 'mallory@corp.example',
        name: 'Mallory',
      });
    case 'other-key':
      return mint(claims, 'other-key');
    case 'wrong-audience':
      return mint({ ...claims, aud: 'another-client' });
    case 'old':
      return mint({ ...claims, iat: seconds('iat') - 3600 });
    case 'expired':
      return mint({ ...claims, iat: seconds('iat') - 90_000, exp: seconds('iat') - 3600 });
    case 'unsigned':
      return mint(claims, 'unsigned');
    case 'not-a-jwt':
      return 'this is not a token';
    case 'hostile-claims':
      return mint({
        ...claims,
        name: hostile('Ada'),
        email: hostile('ada@corp.example'),
        groups: [hostile('admins'), 7],
      });
  }
}
