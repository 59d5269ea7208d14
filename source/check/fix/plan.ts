import path from 'node:path';
import { toUserError, UserError } from '../../errors.ts';
import { type Change, editKubeconfig } from '../../kubeconfig/edit.ts';
import type { Launcher } from '../../kubeconfig/launcher.ts';
import type { Entry, Kubeconfig } from '../../kubeconfig/read.ts';
import { proposeProfileNames } from '../../login/choices.ts';
import { formatLoginLink } from '../../portal/login-link.ts';
import type { Profile } from '../../profiles/profile.ts';
import { isProfileName, type ProfileName } from '../../profiles/profile-name.ts';
import { isBoundTo } from '../../profiles/registry.ts';
import { clusterIdentity } from '../cluster-identity.ts';
import { filesOf, type Landscape, type User } from '../landscape.ts';
import { quoted } from '../rules/rule.ts';
import { type Conversion, convertFile } from './conversion.ts';
import type { HandedOutContext, Left } from './handed-out.ts';
import { type Offer, type Offers, portalKey } from './offers.ts';

export type FileFix = {
  readonly file: Kubeconfig;
  readonly changes: readonly Change[];
  readonly after: string;
  readonly conversions: readonly Conversion[];
  readonly profiles: readonly Profile[];
  readonly dropped: readonly string[];
  /** Users of ours that let kubectl say the cluster from now on. */
  readonly completed: readonly string[];
};

/** A file whose permissions others lose. */
export type ModeFix = { readonly path: string; readonly from: number; readonly to: number };

/** What `--fix` would change; nothing is changed yet. */
export type FixPlan = {
  readonly files: readonly FileFix[];
  readonly modes: readonly ModeFix[];
  readonly left: readonly Left[];
};

/** What the files alone told, and what the portals said to it. */
export type Found = {
  readonly contexts: readonly HandedOutContext[];
  readonly left: readonly Left[];
  readonly offers: ReadonlyMap<string, Offers>;
};

/**
 * Plans a profile for each cluster of the platform's files, and what else can be mended without a question. A file is
 * converted as a whole or not at all: one context left behind would keep the shared user alive.
 */
export function planFix(landscape: Landscape, found: Found, launcher: Launcher): FixPlan {
  const { offered, left: refused } = matchOffers(found);
  const left = [...found.left, ...refused];
  const spoiled = new Set(left.map(({ file }) => file));
  const named = nameProfiles(
    offered.filter(({ file }) => !spoiled.has(file.path)),
    landscape,
  );
  const byFile = Map.groupBy(named, ({ file }) => file);
  const files = filesOf(landscape).flatMap(file => {
    const incomplete = incompleteUsers(landscape, file);
    const conversions = byFile.get(file) ?? [];
    if (conversions.length === 0 && incomplete.length === 0) return [];
    const { changes, ...converted } = convertFile(file, conversions, launcher);
    try {
      const all = [...changes, ...incomplete.map(completion)];
      const after = editKubeconfig(file.text, file.path, all);
      const completed = incomplete.map(({ name }) => name);
      return [{ file, changes: all, after, conversions, ...converted, completed }];
    } catch (error) {
      left.push({ file: file.path, line: 1, reason: toUserError(error).message });
      return [];
    }
  });
  return { files, modes: looseFiles(landscape), left };
}

type Offered = HandedOutContext & { readonly offer: Offer };

function matchOffers({ contexts, offers }: Found): { offered: Offered[]; left: Left[] } {
  const offered: Offered[] = [];
  const left: Left[] = [];
  for (const each of contexts) {
    const result = offerFor(each, offers.get(portalKey(each)));
    if (typeof result !== 'string') offered.push({ ...each, offer: result });
    else {
      const { file, context } = each;
      const reason = `The context ${quoted(context.name)}: ${result}`;
      left.push({ file: file.path, line: context.line, reason });
    }
  }
  return { offered, left };
}

function offerFor({ cluster, context, link }: HandedOutContext, offers: Offers | undefined): Offer | string {
  if (offers instanceof UserError) return `its portal could not be asked: ${offers.message}`;
  const offer = offers?.get(clusterIdentity(String(cluster.content['server'])));
  if (offer === undefined) {
    return `${link.origin} does not list its cluster. If it belongs to a workspace, add --workspace NAME; if it is gone, kubectl config delete-context ${quoted(context.name)}.`;
  }
  const data = cluster.content['certificate-authority-data'];
  const own = typeof data === 'string' ? Buffer.from(data, 'base64').toString('utf8') : '';
  if (comparable(own) !== comparable(offer.cluster.ca ?? '')) {
    return `${link.origin} names another certificate authority for its cluster. Run: dkp-auth login ${formatLoginLink(offer.link)}`;
  }
  return offer;
}

const comparable = (pem: string) => pem.replace(/\s+/g, '');

/** One profile for each cluster, under a name that neither a profile nor a user of any of the files has. */
function nameProfiles(offered: readonly Offered[], { users, profiles }: Landscape): Conversion[] {
  const byName = new Map<string, Profile>(profiles.map(profile => [profile.name, profile]));
  const foreign = users
    .filter(({ entry, plugin }) => plugin?.kind !== 'dkp-auth' || plugin.profile !== entry.name)
    .map(({ entry }) => entry.name.toLowerCase())
    .filter(isProfileName);
  const given: ProfileName[] = [];
  return [...Map.groupBy(offered, ({ offer }) => formatLoginLink(offer.link))].flatMap(([link, group]) => {
    const usable = profiles.filter(profile => isBoundTo(profile, profile.cluster.server, link));
    const others = profiles.filter(profile => !usable.includes(profile)).map(({ name }) => name);
    const clusters = new Map(group.map(({ offer }) => [offer.cluster.server, offer.cluster]));
    const names = proposeProfileNames([...clusters.values()], usable, group[0]?.offer.link.workspace, [
      ...foreign,
      ...others,
      ...given,
    ]);
    given.push(...names.values());
    return group.flatMap(each => {
      const cluster = clusters.get(each.offer.cluster.server);
      const profile = cluster && names.get(cluster);
      return profile === undefined ? [] : [{ ...each, profile, existing: byName.get(profile) }];
    });
  });
}

function incompleteUsers({ users }: Landscape, file: Kubeconfig): Entry[] {
  const isIncomplete = ({ plugin, entry }: User) =>
    plugin?.kind === 'dkp-auth' &&
    (entry.content['exec'] as { provideClusterInfo?: unknown }).provideClusterInfo !== true;
  return users.filter(user => user.file === file.path && isIncomplete(user)).map(({ entry }) => entry);
}

function completion({ name, content }: Entry): Change {
  const exec = { ...(content['exec'] as object), provideClusterInfo: true };
  return { kind: 'set', section: 'users', name, content: { ...content, exec } };
}

/**
 * Of kubeconfigs, and of token and key files beside them or below. A file elsewhere is only told of: whoever wrote the
 * kubeconfig chose it.
 */
function looseFiles(landscape: Landscape): ModeFix[] {
  const { machine } = landscape;
  const kubeconfigs = new Set(filesOf(landscape).map(file => file.path));
  const real = (file: string) => machine.realPaths.get(file) ?? file;
  const folders = new Set([...kubeconfigs].map(file => path.dirname(real(file))));
  const isOurs = (file: string) =>
    kubeconfigs.has(file) || machine.konvoyTokens.has(file) || isBelow(real(file), folders);
  return [...machine.access.values()]
    .filter(access => access.kind === 'file' && access.owner === 'me' && (access.mode & 0o077) !== 0)
    .filter(access => isOurs(access.path))
    .map(access => ({ path: access.path, from: access.mode, to: access.mode & 0o700 }));
}

function isBelow(file: string, folders: ReadonlySet<string>): boolean {
  for (let folder = path.dirname(file); ; folder = path.dirname(folder)) {
    if (folders.has(folder)) return true;
    if (path.dirname(folder) === folder) return false;
  }
}
