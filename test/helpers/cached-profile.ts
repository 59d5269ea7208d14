import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { clusterTextOf } from '../../source/credentials/caller-cluster.ts';
import { writeCredential } from '../../source/credentials/credential.ts';
import type { Credential } from '../../source/credentials/credential-file.ts';
import type { Profile } from '../../source/profiles/profile.ts';
import { claimProfile } from '../../source/profiles/registry.ts';
import type { Home } from './home.ts';
import { account, sampleCredential, sampleProfile } from './profiles.ts';

export const ca = `-----BEGIN CERTIFICATE-----\n${'TUlJ'.repeat(300)}\n-----END CERTIFICATE-----\n`;
export const tokenOf = (name: string) =>
  `eyJhbGciOiJSUzI1NiJ9.${Buffer.from(`token of ${name}. `.repeat(40)).toString('base64url')}.c2ln`;

const nowSeconds = () => Math.floor(Date.now() / 1000);

/** A profile and its cached token, through the program's own code, as a login leaves them. */
export async function cachedProfile(
  { paths }: Pick<Home, 'paths'>,
  name: string,
  server: string,
  more: Partial<Credential> = {},
  authority = ca,
): Promise<Profile> {
  const { cluster, ...rest } = sampleProfile(name, server, { account: account('ada') });
  const profile = { ...rest, cluster: { ...cluster, ca: authority } };
  await claimProfile(paths, profile);
  const times = { issuedAt: nowSeconds() - 100, expiresAt: nowSeconds() + 36_000 };
  await writeCredential(paths, profile.name, {
    ...sampleCredential(name, server),
    ...times,
    cluster: clusterTextOf(profile.cluster),
    token: tokenOf(name),
    ...more,
  });
  return profile;
}

/** What is printed instead of starting Node. */
export const handedOver = 'Node was started:';

/**
 * A copy of source/token.sh beside a cli.js, and a "Node" that tells of its arguments, remembered as that of the last
 * login.
 */
export async function pluginWithoutNode({ folder, paths }: Pick<Home, 'folder' | 'paths'>): Promise<string> {
  const program = path.join(folder, 'program');
  await mkdir(program);
  const plugin = path.join(program, 'dkp-auth-token');
  await copyFile(path.join(import.meta.dirname, '..', '..', 'source', 'token.sh'), plugin);
  await writeFile(path.join(program, 'cli.js'), '');
  const node = path.join(program, 'node');
  await writeFile(node, `#!/bin/sh\necho '${handedOver}' "$@"\n`, { mode: 0o755 });
  await mkdir(paths.state, { recursive: true, mode: 0o700 });
  await writeFile(paths.node, `${node}\n`, { mode: 0o600 });
  return plugin;
}
