import path from 'node:path';
import type { IdToken } from '../../source/credentials/id-token.ts';
import type { Launcher } from '../../source/kubeconfig/launcher.ts';
import type { Choice, LoginOptions } from '../../source/login/options.ts';
import type { PlanContext } from '../../source/login/plan.ts';
import type { Cluster } from '../../source/portal/clusters.ts';
import { parseLoginLink } from '../../source/portal/login-link.ts';
import { openPortal } from '../../source/portal/open-portal.ts';
import { parseProfileName } from '../../source/profiles/profile-name.ts';
import { sampleCluster } from './clusters.ts';
import type { Home } from './home.ts';
import { account } from './profiles.ts';

export const launcher: Launcher = profile => ({
  kind: 'exec',
  command: path.resolve('/opt/dkp-auth-token'),
  args: ['--profile', profile],
});

export const planContext = ({ paths, env }: Pick<Home, 'paths' | 'env'>): PlanContext => ({
  paths,
  env,
  launcher,
});

export function choiceOf(profile: string, more: Partial<Cluster> = {}): Choice {
  return { cluster: sampleCluster(profile, more), profile: parseProfileName(profile), signIn: 'portal' };
}

/** A login at dkp.example.com that nothing is missing from. */
export function loginOptions(profiles: readonly string[], more: Partial<LoginOptions> = {}): LoginOptions {
  return {
    portal: openPortal(parseLoginLink('dkp.example.com'), { kind: 'system' }),
    identityProvider: undefined,
    choices: profiles.map(profile => choiceOf(profile)),
    allClusters: false,
    method: '1',
    output: undefined,
    setCurrent: undefined,
    signInTime: 'first',
    ...more,
  };
}

/** A token that was checked, of the account with this subject. */
export function checkedToken(subject: string): IdToken {
  return {
    token: `eyJhbGciOiJSUzI1NiJ9.${Buffer.from(subject).toString('base64url')}.c2ln`,
    account: account(subject),
    groups: ['admins'],
    audience: ['kube-apiserver'],
    issuedAt: 1_800_000_000,
    expiresAt: 4_000_000_000,
  };
}
