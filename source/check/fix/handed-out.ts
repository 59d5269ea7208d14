import { UserError } from '../../errors.ts';
import type { Entry, Kubeconfig } from '../../kubeconfig/read.ts';
import { type LoginLink, linkOfTokenService } from '../../portal/login-link.ts';
import { readCertificates } from '../../system/certificates.ts';
import type { Place } from '../finding.ts';
import { filesOf, type Landscape, textOf, type User } from '../landscape.ts';
import type { Plugin } from '../plugin.ts';
import { quoted, userSubject } from '../rules/rule.ts';

/** What stays as it is, and why. */
export type Left = Place & { readonly reason: string };

/** A context whose user asks the Konvoy plugin, as the platform's downloads have it. */
export type HandedOutContext = {
  readonly file: Kubeconfig;
  readonly context: Entry;
  readonly cluster: Entry;
  readonly user: User;
  readonly link: LoginLink;
  /** PEM of the authority that the plugin was told to trust. */
  readonly ca: string | undefined;
};

/** Every context that can be given a profile, as far as the files alone tell. */
export function handedOutContexts(landscape: Landscape): { contexts: HandedOutContext[]; left: Left[] } {
  const contexts: HandedOutContext[] = [];
  const left: Left[] = [];
  const usersOf = Map.groupBy(landscape.users, ({ file }) => file);
  for (const file of filesOf(landscape)) {
    const users = new Map(usersOf.get(file.path)?.map(user => [user.entry.name, user]));
    const clusters = new Map(
      file.entries.filter(({ section }) => section === 'clusters').map(entry => [entry.name, entry]),
    );
    const portals = new Map<User, ReturnType<typeof portalOf>>();
    for (const context of file.entries) {
      const user = context.section === 'contexts' ? users.get(String(context.content['user'])) : undefined;
      if (user?.plugin?.kind !== 'konvoy') continue;
      const portal = portals.get(user) ?? portalOf(user, user.plugin);
      portals.set(user, portal);
      const cluster = clusters.get(String(context.content['cluster']));
      const reason = typeof portal === 'string' ? portal : faultOf(cluster);
      if (typeof portal === 'string' || cluster === undefined || reason !== undefined) {
        left.push({
          file: file.path,
          line: context.line,
          reason: `The context ${quoted(context.name)}: ${reason}`,
        });
      } else {
        contexts.push({ file, context, cluster, user, ...portal });
      }
    }
  }
  return { contexts, left };
}

function faultOf(cluster: Entry | undefined): string | undefined {
  if (cluster === undefined) return 'its cluster is not in the same file.';
  if (textOf(cluster.content['server']) === undefined) return 'its cluster has no server.';
  if (cluster.content['certificate-authority'] !== undefined) {
    return 'its cluster names the authority by a file; dkp-auth writes it into the kubeconfig: dkp-auth login.';
  }
  return undefined;
}

function portalOf(
  user: User,
  plugin: Extract<Plugin, { kind: 'konvoy' }>,
): { link: LoginLink; ca: string | undefined } | string {
  const { authUrl, caData, caFile } = plugin;
  if (authUrl === undefined) return `its ${userSubject(user)} has no -auth-url.`;
  if (caFile !== undefined) return `its ${userSubject(user)} names an authority by -ca-file: dkp-auth login.`;
  try {
    const link = linkOfTokenService(authUrl);
    const ca = caData === undefined ? undefined : Buffer.from(caData, 'base64').toString('utf8');
    if (ca !== undefined) readCertificates(ca, '-ca-data');
    return { link, ca };
  } catch (error) {
    const reason = error instanceof UserError ? error.message : 'it cannot be read.';
    return `the -auth-url or -ca-data of its ${userSubject(user)} is not one: ${reason}`;
  }
}
