import fs from 'node:fs/promises';
import path from 'node:path';
import { clusterTextOf } from '../../source/credentials/caller-cluster.ts';
import { formatCredential } from '../../source/credentials/credential-file.ts';
import { formatProfile } from '../../source/profiles/profile.ts';
import { ca, tokenOf } from '../helpers/cached-profile.ts';
import { clientGoSays } from '../helpers/client-go.ts';
import type { Home } from '../helpers/home.ts';
import { plugin } from '../helpers/plugin.ts';
import { account, sampleCredential, sampleProfile } from '../helpers/profiles.ts';

export const nameOf = (number: number) => `profile-${number}`;
const serverOf = (number: number) => `https://api-${number}.example.com:6443`;

/** A profile with its cluster's authority, as it is in all of them. */
function profileOf(home: Home, number: number) {
  const kubeconfigs = [path.join(home.paths.kubeconfigs, `${nameOf(number)}.yaml`)];
  const { cluster, ...rest } = sampleProfile(nameOf(number), serverOf(number), { account: account('ada') });
  return { ...rest, cluster: { ...cluster, ca }, kubeconfigs };
}

/** What kubectl says to the plugin for a profile. */
export const kubectlSaysFor = (home: Home, number: number) => clientGoSays(profileOf(home, number));

/** So many profiles with a cached token and a kubeconfig each: the same bytes as logins leave, without their waits for the disk. */
export async function writeProfiles(home: Home, count: number): Promise<void> {
  const { paths } = home;
  for (const folder of [paths.profiles, paths.credentials, paths.kubeconfigs, paths.callers])
    await fs.mkdir(folder, { recursive: true, mode: 0o700 });
  const now = Math.floor(Date.now() / 1000);
  for (let number = 0; number < count; number += 1) {
    const name = nameOf(number);
    const profile = profileOf(home, number);
    const times = { issuedAt: now - 100, expiresAt: now + 36_000 };
    const cluster = clusterTextOf(profile.cluster);
    const credential = {
      ...sampleCredential(name, serverOf(number)),
      ...times,
      cluster,
      token: tokenOf(name),
    };
    const mode = { mode: 0o600 };
    await fs.writeFile(path.join(paths.profiles, `${name}.json`), formatProfile(profile), mode);
    await fs.writeFile(path.join(paths.credentials, `${name}.json`), formatCredential(credential), mode);
    await fs.writeFile(path.join(paths.kubeconfigs, `${name}.yaml`), kubeconfigOf(number), mode);
  }
}

function kubeconfigOf(number: number): string {
  const name = nameOf(number);
  return `apiVersion: v1
kind: Config
current-context: ${name}
clusters:
- name: ${name}
  cluster:
    server: ${serverOf(number)}
    certificate-authority-data: ${Buffer.from(ca).toString('base64')}
contexts:
- name: ${name}
  context:
    cluster: ${name}
    user: ${name}
users:
- name: ${name}
  user:
    exec:
      apiVersion: client.authentication.k8s.io/v1
      command: ${plugin}
      args:
      - --profile
      - ${name}
      interactiveMode: IfAvailable
      provideClusterInfo: true
`;
}
