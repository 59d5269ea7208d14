import { clusterTextOf } from '../../source/credentials/caller-cluster.ts';
import type { Credential } from '../../source/credentials/credential.ts';
import type { Profile } from '../../source/profiles/profile.ts';
import { parseProfileName } from '../../source/profiles/profile-name.ts';

export const issuer = 'https://dkp.example.com/dex';

/** A profile as a login writes it; what a test is about is given, the rest is plausible. */
export function sampleProfile(name: string, server: string, more: Partial<Profile> = {}): Profile {
  return {
    version: 1,
    name: parseProfileName(name),
    cluster: { name: 'prod', server, hostname: 'prod.example.com' },
    issuer,
    portal: { loginLink: 'https://dkp.example.com/token/landing/' },
    signIn: 'portal',
    kubeconfigs: [],
    ...more,
  };
}

export const account = (subject: string, label = subject) => ({ issuer, subject, label });

/** A credential that fits `sampleProfile(profile, server)`. */
export function sampleCredential(
  profile: string,
  server: string,
  more: Partial<Credential> = {},
): Credential {
  return {
    version: 1,
    profile,
    server,
    cluster: clusterTextOf({ server }),
    token: 'eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhZGEifQ.c2lnbmF0dXJl',
    issuedAt: 1_700_000_000,
    expiresAt: 4_000_000_000,
    renewable: false,
    issuer,
    subject: 'ada',
    ...more,
  };
}
