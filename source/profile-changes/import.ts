import path from 'node:path';
import { toUserError } from '../errors.ts';
import type { Launcher } from '../kubeconfig/launcher.ts';
import { mergeEntries } from '../kubeconfig/merge.ts';
import { changeKubeconfigs } from '../kubeconfig/write.ts';
import { listClusters } from '../portal/clusters.ts';
import { formatLoginLink } from '../portal/login-link.ts';
import { openPortal } from '../portal/open-portal.ts';
import type { Profile } from '../profiles/profile.ts';
import { freeProfileName, type ProfileName } from '../profiles/profile-name.ts';
import { createProfile, listProfileNames, listProfiles, releaseProfile } from '../profiles/registry.ts';
import type { ClusterAudience } from '../sign-in/issuer-client.ts';
import { replaceFile } from '../system/files.ts';
import type { Environment } from '../system/paths.ts';
import { chooseProxies } from '../system/proxy.ts';
import { plainText } from '../text.ts';
import { type Candidate, pemOf, type Skipped } from './find-imports.ts';
import type { KonvoyUser } from './konvoy-user.ts';
import type { KubeloginUser } from './kubelogin.ts';
import type { ChangeContext } from './rename.ts';

export type Imported = {
  readonly profile: Profile;
  readonly contexts: readonly string[];
  readonly notes: readonly string[];
};

export type ImportContext = ChangeContext & {
  readonly env: Environment;
  readonly launcher: Launcher;
  readonly dryRun: boolean;
};

/**
 * Makes a profile, and a kubeconfig of its own, for each candidate. The kubeconfigs that they were found in stay as they are.
 */
export async function importProfiles(
  candidates: readonly Candidate[],
  context: ImportContext,
): Promise<{ imported: Imported[]; skipped: Skipped[] }> {
  const { paths } = context;
  const taken = new Set<string>(await listProfileNames(paths));
  const known = await listProfiles(paths);
  const imported: Imported[] = [];
  const skipped: Skipped[] = [];
  for (const candidate of candidates) {
    const [first = ''] = candidate.contexts;
    try {
      const name = freeProfileName([first, candidate.clusterName], free => taken.has(free));
      const made = await profileOf(candidate, name, context);
      const { profile, notes } = made;
      const same = known.find(other => isSame(other, profile));
      if (same !== undefined) {
        skipped.push({ context: first, why: `the profile "${same.name}" has the same already` });
        continue;
      }
      taken.add(name);
      if (!context.dryRun) await write(made, context);
      imported.push({ profile, contexts: candidate.contexts, notes });
    } catch (error) {
      context.signal.throwIfAborted();
      skipped.push({ context: first, why: plainText(toUserError(error).message.replace(/\.$/, '')) });
    }
  }
  return { imported, skipped };
}

function isSame(one: Profile, other: Profile): boolean {
  return (
    one.cluster.server === other.cluster.server &&
    one.issuer === other.issuer &&
    one.client?.id === other.client?.id &&
    one.portal.loginLink === other.portal.loginLink
  );
}

type Made = {
  readonly profile: Profile;
  readonly notes: readonly string[];
  readonly clientSecret?: string | undefined;
};

function profileOf(candidate: Candidate, name: ProfileName, context: ImportContext): Promise<Made> {
  const { origin } = candidate;
  return origin.kind === 'kubelogin'
    ? fromKubelogin(candidate, origin.user, name, context)
    : fromPlatform(candidate, origin.user, name, context);
}

const dexAudience = /^audience:server:client_id:(.+)$/;

async function fromKubelogin(
  { clusterName, server, ca }: Candidate,
  user: KubeloginUser,
  name: ProfileName,
  { paths }: ImportContext,
): Promise<Made> {
  const issuerCa = await pemOf(user.caData, user.caFile, process.cwd());
  const own = user.scopes.map(scope => dexAudience.exec(scope)?.[1]).find(client => client !== undefined);
  const scopes = user.scopes.filter(scope => !dexAudience.test(scope));
  const audience: ClusterAudience =
    own === undefined ? { kind: 'shared' } : { kind: 'dex-client', client: own };
  const secretFile = path.join(paths.config, 'client-secrets', name);
  const notes = [
    ...(user.clientSecret === undefined ? [] : ['the client secret is in a file of yours alone now']),
    ...(user.dropped.length === 0
      ? []
      : [`not taken over: ${user.dropped.map(flag => `--${plainText(flag, 60)}`).join(', ')}`]),
  ];
  const profile: Profile = {
    version: 1,
    name,
    cluster: { name: plainText(clusterName), server, hostname: new URL(server).host, ...(ca && { ca }) },
    issuer: user.issuer,
    portal: { ...(issuerCa && { ca: issuerCa }) },
    signIn: user.signIn,
    client: {
      id: user.clientId,
      scopes,
      extraParameters: { ...user.extraParameters },
      tokenKind: user.accessToken ? 'access-token' : 'id-token',
      ...(user.clientSecret !== undefined && { secretFile }),
      flags: [
        ...['--issuer', user.issuer, '--client-id', user.clientId, '--server', server],
        ...scopes.flatMap(scope => ['--scope', scope]),
        ...(user.clientSecret === undefined ? [] : ['--client-secret-file', secretFile]),
      ],
      listen: [...user.listen],
      ...(user.redirectHost && { redirectHost: user.redirectHost }),
      credentialStore: 'auto',
    },
    audience,
    kubeconfigs: [kubeconfigOf(name, paths)],
  };
  return { profile, notes, clientSecret: user.clientSecret };
}

/** The platform is asked for the issuer of the cluster; a kubeconfig of its plugin does not name it. */
async function fromPlatform(
  { server, ca }: Candidate,
  { link, caData, caFile }: KonvoyUser,
  name: ProfileName,
  { paths, env, signal }: ImportContext,
): Promise<Made> {
  const pem = await pemOf(caData, caFile, process.cwd());
  const portal = openPortal(link, pem === undefined ? { kind: 'system' } : { kind: 'authority', pem }, {
    proxies: chooseProxies(undefined, env),
  });
  try {
    const { clusters } = await listClusters(portal, signal);
    const cluster = clusters.find(listed => listed.server === server);
    if (cluster === undefined) throw new Error(`the platform lists no cluster at ${server}`);
    const trusted = ca ?? cluster.ca;
    const profile: Profile = {
      version: 1,
      name,
      cluster: { name: cluster.name, server, hostname: cluster.hostname, ...(trusted && { ca: trusted }) },
      issuer: cluster.issuer,
      portal: { loginLink: formatLoginLink(link), ...(pem && { ca: pem }) },
      signIn: 'portal',
      kubeconfigs: [kubeconfigOf(name, paths)],
    };
    return { profile, notes: [] };
  } finally {
    await portal.close();
  }
}

const kubeconfigOf = (name: ProfileName, paths: ImportContext['paths']) =>
  path.join(paths.kubeconfigs, `${name}.yaml`);

async function write({ profile, clientSecret }: Made, context: ImportContext): Promise<void> {
  const { paths, launcher } = context;
  const { name, cluster, kubeconfigs } = profile;
  const [file = ''] = kubeconfigs;
  if (!(await createProfile(paths, profile))) throw new Error(`the name "${name}" was taken meanwhile`);
  try {
    const { secretFile } = profile.client ?? {};
    if (clientSecret !== undefined && secretFile !== undefined) {
      await replaceFile(secretFile, `${clientSecret}\n`, { secret: true });
    }
    const entry = { profile: name, server: cluster.server, ca: cluster.ca, user: launcher(name) };
    const rules = { onConflict: 'fail', forNew: file, isKnown: () => false, setCurrent: name } as const;
    await changeKubeconfigs([file], layouts => mergeEntries(layouts, [entry], rules).layouts, context);
  } catch (error) {
    await releaseProfile(paths, name);
    throw error;
  }
}
