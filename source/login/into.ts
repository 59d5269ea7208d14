import path from 'node:path';
import { comparablePem } from '../credentials/binding.ts';
import { UserError } from '../errors.ts';
import { type Kubeconfig, readKubeconfig } from '../kubeconfig/read.ts';
import type { Fields } from '../kubeconfig/section.ts';
import type { Cluster } from '../portal/clusters.ts';
import { normalizeServerUrl } from '../portal/server-url.ts';
import { readCertificates } from '../system/certificates.ts';
import { readTextFile } from '../system/files.ts';
import { displayFingerprint } from '../system/fingerprint.ts';
import { type Environment, expandPath } from '../system/paths.ts';
import { plainText, shortList } from '../text.ts';
import type { Target } from './target.ts';

/** A context of a kubeconfig that is there already, and the cluster it is for. Nothing else of the file is used. */
export type Into = {
  readonly file: string;
  readonly context: string;
  readonly cluster: { readonly name: string; readonly server: string; readonly ca: string | undefined };
};

/**
 * Reads which cluster a context is for.
 * @param named the context; the current one when not given
 * @throws UserError USAGE, KUBECONFIG_INVALID, TRUST_REFUSED
 */
export async function readInto(given: string, named: string | undefined, env: Environment): Promise<Into> {
  const file = expandPath(given, env);
  const text = await readTextFile(file);
  if (text === undefined) {
    throw new UserError('USAGE', `${file} does not exist.`, {
      hint: '--kubeconfig names a file that is there already; a new one is written without it.',
    });
  }
  const kubeconfig = readKubeconfig(text, file);
  const context = contextOf(kubeconfig, named);
  const content = contentOf(kubeconfig, 'contexts', context);
  const name = content?.['cluster'];
  const cluster = typeof name === 'string' ? contentOf(kubeconfig, 'clusters', name) : undefined;
  if (cluster === undefined || typeof name !== 'string') {
    throw invalid(file, `has no cluster for the context "${plainText(context)}"`);
  }
  const server = normalizeServerUrl(String(cluster['server'] ?? ''));
  if (server === undefined) throw invalid(file, `has no https address for the cluster "${plainText(name)}"`);
  assertChecked(cluster, file, name);
  return { file, context, cluster: { name, server, ca: await authorityOf(cluster, file) } };
}

function contextOf({ path: file, entries, currentContext }: Kubeconfig, named: string | undefined): string {
  const contexts = entries.filter(({ section }) => section === 'contexts').map(({ name }) => name);
  const [only, second] = contexts;
  const wanted = named ?? currentContext?.name ?? (second === undefined ? only : undefined);
  if (wanted !== undefined && contexts.includes(wanted)) return wanted;
  const has =
    contexts.length === 0 ? 'It has none.' : `It has: ${shortList(contexts.map(each => plainText(each)))}.`;
  const fault = wanted === undefined ? 'no current context' : `no context "${plainText(wanted)}"`;
  throw new UserError('USAGE', `${file} has ${fault}.`, { hint: `${has} Name one with --context.` });
}

function contentOf({ entries }: Kubeconfig, section: string, name: string): Fields | undefined {
  return entries.find(entry => entry.section === section && entry.name === name)?.content;
}

/** A token would be sent to whoever answers there, and the plugin would rightly refuse it. */
function assertChecked(cluster: Fields, file: string, name: string): void {
  const field = ['insecure-skip-tls-verify', 'tls-server-name'].find(each => Boolean(cluster[each]));
  if (field === undefined) return;
  throw new UserError(
    'TRUST_REFUSED',
    `In ${file} the cluster "${plainText(name)}" sets ${field}: nobody could tell which server gets the token.`,
    { hint: `Remove ${field}, and put the authority into certificate-authority-data.` },
  );
}

async function authorityOf(cluster: Fields, file: string): Promise<string | undefined> {
  const data = cluster['certificate-authority-data'];
  if (typeof data === 'string' && data !== '') return Buffer.from(data, 'base64').toString('utf8');
  const caFile = cluster['certificate-authority'];
  if (typeof caFile !== 'string' || caFile === '') return undefined;
  const whole = path.resolve(path.dirname(file), caFile);
  const pem = await readTextFile(whole, 1_000_000);
  if (pem === undefined)
    throw invalid(file, `names the certificate authority ${whole}, which does not exist`);
  return pem;
}

function invalid(file: string, fault: string): UserError {
  return new UserError('KUBECONFIG_INVALID', `${file} ${fault}.`, { hint: 'The file was left as it is.' });
}

/**
 * What a login is to, where the cluster of the context has the authority as the file spells it: so kubectl will name it.
 * @throws UserError TRUST_REFUSED when the file trusts another authority than the portal names
 */
export function targetInto({ file, cluster }: Into, target: Target): Target {
  const { clusters } = target.clusters;
  const listed = clusters.find(({ server }) => server === cluster.server);
  if (listed === undefined) return target;
  assertSameAuthority(file, cluster.ca, listed);
  const own: Cluster = { ...listed, ca: cluster.ca };
  return {
    ...target,
    clusters: { ...target.clusters, clusters: clusters.map(each => (each === listed ? own : each)) },
    // It knows the cluster as it was listed.
    audiencesFor: async (chosen, signal) => {
      const audiences = await target.audiencesFor(
        chosen.map(each => (each === own ? listed : each)),
        signal,
      );
      return new Map([...audiences].map(([each, audience]) => [each === listed ? own : each, audience]));
    },
  };
}

function assertSameAuthority(file: string, ca: string | undefined, listed: Cluster): void {
  if (comparablePem(ca ?? '') === comparablePem(listed.ca ?? '')) return;
  const [mine, theirs] = [fingerprints(ca, file), fingerprints(listed.ca, 'the portal')];
  if (mine === theirs) return;
  throw new UserError(
    'TRUST_REFUSED',
    `${file} trusts another certificate authority for ${listed.server} than the portal names.`,
    {
      hint: [
        `The file:   ${mine}`,
        `The portal: ${theirs}`,
        'Nothing was changed. Ask your administrator which is right, and get the kubeconfig again.',
      ].join('\n'),
    },
  );
}

function fingerprints(pem: string | undefined, source: string): string {
  if (pem === undefined) return "none; the system's authorities";
  const all = readCertificates(pem, source).map(({ fingerprint }) => displayFingerprint(fingerprint));
  return [...new Set(all)].sort().join(', ');
}
