import { readCredential } from '../credentials/credential.ts';
import { type Isolation, isolationOf } from '../login/isolation.ts';
import { localTime } from '../login/summary-text.ts';
import type { Profile } from '../profiles/profile.ts';
import { installationOf, listProfiles } from '../profiles/registry.ts';
import { type Paths, pathsOf } from '../system/paths.ts';
import { type Streams, write } from '../system/streams.ts';

type ProfileStatus = {
  readonly name: string;
  readonly cluster: string;
  readonly server: string;
  readonly portal: string;
  readonly account: string | null;
  readonly signIn: Profile['signIn'];
  readonly isolation: Isolation;
  readonly expiresAt: string | null;
  readonly kubeconfigs: readonly string[];
};

/** Prints what is known of every profile; asks no server. */
export async function status(json: boolean, { env, stdout }: Streams): Promise<void> {
  const paths = pathsOf(env);
  const profiles = await listProfiles(paths);
  const rows = await Promise.all(profiles.map(profile => statusOf(profile, profiles, paths)));
  await write(stdout, json ? `${JSON.stringify({ profiles: rows }, undefined, 2)}\n` : formatStatus(rows));
}

async function statusOf(
  profile: Profile,
  profiles: readonly Profile[],
  paths: Paths,
): Promise<ProfileStatus> {
  const { name, cluster, account, signIn, issuer, kubeconfigs } = profile;
  const credential = await readCredential(paths, name);
  // Two profiles of one cluster are no two clusters; another issuer's tokens are rejected anyway.
  const others = profiles.filter(other => other.issuer === issuer && other.cluster.server !== cluster.server);
  return {
    name,
    cluster: cluster.name,
    server: cluster.server,
    portal: installationOf(profile),
    account: account?.label ?? null,
    signIn,
    isolation: isolationOf(profile, others),
    expiresAt: credential === undefined ? null : new Date(credential.expiresAt * 1000).toISOString(),
    kubeconfigs,
  };
}

const isolationWords: Record<Isolation, string> = {
  audience: 'isolated: no other cluster here accepts its token',
  separate: 'separate token; clusters with the same audience would accept it (see dkp-auth admin dex-client)',
};

function formatStatus(rows: readonly ProfileStatus[]): string {
  if (rows.length === 0) return 'There is no profile on this machine yet. Run dkp-auth login.\n';
  return `${rows.map(formatRow).join('\n\n')}\n`;
}

function formatRow({
  name,
  cluster,
  server,
  account,
  signIn,
  isolation,
  expiresAt,
  kubeconfigs,
}: ProfileStatus): string {
  return [
    name,
    `  cluster     ${cluster} (${server})`,
    `  account     ${account ?? 'none yet'}, by ${signIn}`,
    `  token       ${expiry(expiresAt)}`,
    `  isolation   ${isolationWords[isolation]}`,
    ...kubeconfigs.map(file => `  kubeconfig  ${file}`),
  ].join('\n');
}

function expiry(expiresAt: string | null): string {
  if (expiresAt === null) return "none; kubectl's first call asks for it";
  const seconds = Date.parse(expiresAt) / 1000;
  return `${seconds > Date.now() / 1000 ? 'good until' : 'over since'} ${localTime(seconds)}`;
}
