import type { Change } from '../../kubeconfig/edit.ts';
import { userOf } from '../../kubeconfig/entry.ts';
import type { Launcher } from '../../kubeconfig/launcher.ts';
import type { Entry, Kubeconfig } from '../../kubeconfig/read.ts';
import { formatLoginLink } from '../../portal/login-link.ts';
import type { Profile } from '../../profiles/profile.ts';
import type { ProfileName } from '../../profiles/profile-name.ts';
import type { User } from '../landscape.ts';
import { quoted } from '../rules/rule.ts';
import type { HandedOutContext } from './handed-out.ts';
import type { Offer } from './offers.ts';

/** A context of the platform's, and the profile that its cluster gets. */
export type Conversion = HandedOutContext & {
  readonly offer: Offer;
  readonly profile: ProfileName;
  /** The profile where this machine has it already. */
  readonly existing: Profile | undefined;
};

export type ConvertedFile = {
  readonly changes: readonly Change[];
  readonly profiles: readonly Profile[];
  /** What was in the file besides servers and authorities, and is not kept, in words. */
  readonly dropped: readonly string[];
};

/** What the binding compares, and what kubectl keeps for other programs; nothing else of a download is kept. */
const keptClusterFields = ['server', 'certificate-authority-data', 'extensions'];

/** Gives each cluster a user of its own; contexts keep their names, so the current context stays. */
export function convertFile(
  file: Kubeconfig,
  conversions: readonly Conversion[],
  launcher: Launcher,
): ConvertedFile {
  const changes: Change[] = [];
  const dropped: string[] = [];
  for (const { context, profile } of conversions) {
    changes.push({
      kind: 'set',
      section: 'contexts',
      name: context.name,
      content: { ...context.content, user: profile },
    });
  }
  for (const profile of new Set(conversions.map(each => each.profile))) {
    changes.push({ kind: 'set', section: 'users', name: profile, content: exec(profile, launcher) });
  }
  for (const cluster of new Set(conversions.map(each => each.cluster))) {
    const extra = Object.keys(cluster.content).filter(field => !keptClusterFields.includes(field));
    if (extra.length === 0) continue;
    dropped.push(...extra.map(field => `${quoted(field)} of the cluster ${quoted(cluster.name)}`));
    changes.push({
      kind: 'set',
      section: 'clusters',
      name: cluster.name,
      content: without(cluster, extra),
    });
  }
  for (const user of new Set(conversions.map(each => each.user))) {
    dropped.push(...foreignFields(user));
    if (isStillUsed(user, conversions)) continue;
    changes.push({ kind: 'remove', section: 'users', name: user.entry.name });
  }
  return { changes, dropped, profiles: profilesOf(file, conversions) };
}

const exec = (profile: ProfileName, launcher: Launcher) =>
  userOf({ profile, server: '', ca: undefined, user: launcher(profile) });

function without({ content }: Entry, fields: readonly string[]) {
  return Object.fromEntries(Object.entries(content).filter(([field]) => !fields.includes(field)));
}

/** What the platform does not put into a user, and this program does not carry on. */
function foreignFields({ entry }: User): string[] {
  const fields = Object.keys(entry.content).filter(field => field !== 'exec');
  const { env } = entry.content['exec'] as { env?: unknown };
  const names = Array.isArray(env) && env.length > 0 ? [...fields, 'exec.env'] : fields;
  return names.map(field => `${quoted(field)} of the user ${quoted(entry.name)}`);
}

/** Also by a context of another file that kubectl joins with this one. */
function isStillUsed(user: User, conversions: readonly Conversion[]): boolean {
  let contexts = 0;
  for (const names of user.clusters.values()) contexts += names.length;
  return contexts > conversions.filter(each => each.user === user).length;
}

function profilesOf({ path }: Kubeconfig, conversions: readonly Conversion[]): Profile[] {
  const profiles = new Map<ProfileName, Profile>();
  for (const { profile: name, existing, offer } of conversions) {
    const { cluster, link, trust, signIn } = offer;
    const { hostname, server, ca } = cluster;
    profiles.set(name, {
      ...(existing ?? {
        version: 1,
        name,
        cluster: { name: cluster.name, server, hostname, ...(ca !== undefined && { ca }) },
        issuer: cluster.issuer,
        portal: {
          loginLink: formatLoginLink(link),
          ...(trust.kind === 'authority' && { ca: trust.pem }),
        },
        signIn,
      }),
      kubeconfigs: [path],
    });
  }
  return [...profiles.values()];
}
