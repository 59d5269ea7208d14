import { randomBytes } from 'node:crypto';
import { Document, isSeq, type Node, stringify } from 'yaml';
import type { PortalFileDocument } from '../portal/portal-file-document.ts';

export const formats = ['static', 'resource', 'oauth2client', 'portal-file'] as const;
export type Format = (typeof formats)[number];

/** What the platform's controller puts before a resource's name to make the client's id. */
export const controllerPrefix = 'dex-controller-';

export type AdminCluster = {
  readonly name: string;
  readonly server: string;
  readonly ca: string | undefined;
  readonly workspace: string | undefined;
};

/** What an administrator wants, whatever it is written as. */
export type DexWishes = {
  readonly issuer: string;
  /** Address of the portal's callback, where each cluster's own page ends; undefined without a portal. */
  readonly callback: string | undefined;
  readonly loginLink: string | undefined;
  readonly ca: string | undefined;
  readonly clientId: string;
  /** Before every client's id. */
  readonly prefix: string;
  /** The one client whose tokens all clusters take already; undefined when each gets its own. */
  readonly sharedAudience: string | undefined;
  readonly clusters: readonly AdminCluster[];
  readonly namespace: string;
};

/** A client as Dex knows it. */
export type DexClient = {
  readonly id: string;
  readonly name: string;
  readonly public?: true;
  readonly secret?: string;
  readonly redirectURIs?: readonly string[];
  readonly trustedPeers?: readonly string[];
};

const newSecret = () => randomBytes(32).toString('base64url');

const publicId = ({ prefix, clientId }: DexWishes) => `${prefix}${clientId}`;
// A Kubernetes resource is called like it, and has no underscore in its name.
const clusterId = ({ prefix, sharedAudience }: DexWishes, { name }: AdminCluster) =>
  sharedAudience ?? `${prefix}${name.replaceAll('_', '-')}`;

/** The clients' ids, the public one's first; one that is there twice is a mistake. */
export const clientIds = (wishes: DexWishes) => [
  publicId(wishes),
  ...(wishes.sharedAudience === undefined
    ? wishes.clusters.map(cluster => clusterId(wishes, cluster))
    : [wishes.sharedAudience]),
];

/**
 * The public client, and one for each cluster that lets it ask for the cluster's tokens. The public client has no redirect
 * addresses on purpose: with any, Dex would refuse the loopback addresses and the device sign-in.
 */
export function dexClients(wishes: DexWishes): DexClient[] {
  const asking = publicId(wishes);
  const owned = wishes.sharedAudience === undefined ? wishes.clusters : [];
  return [
    { id: asking, name: 'dkp-auth', public: true },
    ...owned.map(cluster => ({
      id: clusterId(wishes, cluster),
      name: `Cluster ${cluster.name}`,
      secret: newSecret(),
      ...(wishes.callback !== undefined && { redirectURIs: [wishes.callback] }),
      trustedPeers: [asking],
    })),
  ];
}

type KubernetesObject = {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace: string };
};

/** As resources of the platform's controller; its schema wants a secret for a public client too, and that is empty. */
export function controllerResources(wishes: DexWishes): KubernetesObject[] {
  return dexClients(wishes).flatMap(client => {
    const metadata = { name: client.id.slice(wishes.prefix.length), namespace: wishes.namespace };
    const secretName = `${metadata.name}-dex-client`;
    const { name: displayName, redirectURIs, trustedPeers } = client;
    return [
      {
        apiVersion: 'v1',
        kind: 'Secret',
        metadata: { ...metadata, name: secretName },
        type: 'Opaque',
        stringData: { 'client-secret': client.secret ?? '' },
      },
      {
        apiVersion: 'dex.mesosphere.io/v1alpha1',
        kind: 'Client',
        metadata,
        spec: {
          displayName,
          clientSecretRef: { name: secretName },
          ...(client.public && { public: true }),
          ...(redirectURIs && { redirectURIs }),
          ...(trustedPeers && { trustedPeers }),
        },
      },
    ];
  });
}

/** As what Dex itself keeps in Kubernetes (`storage: kubernetes`), for platforms without the controller. */
export function storageResources(wishes: DexWishes): KubernetesObject[] {
  return dexClients(wishes).map(({ id, name, secret, redirectURIs, trustedPeers, ...client }) => ({
    apiVersion: 'dex.coreos.com/v1',
    kind: 'OAuth2Client',
    metadata: { name: storageName(id), namespace: wishes.namespace },
    id,
    name,
    public: client.public ?? false,
    ...(secret !== undefined && { secret }),
    ...(redirectURIs && { redirectURIs }),
    ...(trustedPeers && { trustedPeers }),
  }));
}

const base32 = 'abcdefghijklmnopqrstuvwxyz234567';

/** Dex finds a client by this name: the id and the start value of a 64-bit FNV hash, in base 32. */
export function storageName(id: string): string {
  const bytes = Buffer.concat([Buffer.from(id), Buffer.from('cbf29ce484222325', 'hex')]);
  const bits = [...bytes].map(byte => byte.toString(2).padStart(8, '0')).join('');
  return (bits.match(/.{1,5}/g) ?? []).map(five => base32[Number.parseInt(five.padEnd(5, '0'), 2)]).join('');
}

export function portalFileDocument(wishes: DexWishes): PortalFileDocument {
  const workspaces = [...new Set(wishes.clusters.flatMap(({ workspace }) => workspace ?? []))];
  return {
    apiVersion: 'dkp-auth/v1',
    kind: 'PortalFile',
    ...(wishes.loginLink !== undefined && { loginLink: wishes.loginLink }),
    ...(wishes.ca !== undefined && { ca: wishes.ca }),
    issuer: wishes.issuer,
    client: { id: publicId(wishes) },
    ...(workspaces.length > 0 && { workspaces: workspaces.map(name => ({ name })) }),
    clusters: wishes.clusters.map(cluster => ({
      name: cluster.name,
      server: cluster.server,
      ...(cluster.ca !== undefined && { ca: cluster.ca }),
      ...(cluster.workspace !== undefined && { workspace: cluster.workspace }),
      audience: { dexClient: clusterId(wishes, cluster) },
    })),
  };
}

/** What the format says, as data. */
export function documentOf(format: Format, wishes: DexWishes): unknown {
  switch (format) {
    case 'static':
      return { staticClients: dexClients(wishes) };
    case 'resource':
      return controllerResources(wishes);
    case 'oauth2client':
      return storageResources(wishes);
    case 'portal-file':
      return portalFileDocument(wishes);
  }
}

/** The same as YAML with what an administrator has to know beside it. */
export function formatDocument(format: Format, wishes: DexWishes): string {
  if (format === 'portal-file') {
    return `${comment(portalFileNotes)}${stringify(portalFileDocument(wishes), { lineWidth: 0 })}`;
  }
  const after = comment(serverNotes(wishes));
  if (format === 'static') return `${comment(staticNotes(wishes))}${staticYaml(wishes)}${after}`;
  const resources = format === 'resource' ? controllerResources(wishes) : storageResources(wishes);
  const notes = format === 'resource' ? controllerNotes(wishes) : storageNotes(wishes);
  return `${comment(notes)}${resources.map(each => stringify(each, { lineWidth: 0 })).join('---\n')}${after}`;
}

function staticYaml(wishes: DexWishes): string {
  const document = new Document({ staticClients: dexClients(wishes) });
  const clients = document.get('staticClients');
  const [publicClient] = isSeq<Node>(clients) ? clients.items : [];
  if (publicClient !== undefined) {
    publicClient.commentBefore =
      ' On every machine of a person. It has no secret, and no redirectURIs: with any, Dex would refuse\n' +
      ' browsers that come back to 127.0.0.1, and the device sign-in.';
  }
  return document.toString({ lineWidth: 0 });
}

const comment = (lines: readonly string[]) =>
  lines.map(line => (line === '' ? '#\n' : `# ${line}\n`)).join('');

const portalFileNotes = [
  'Hand this out: dkp-auth login --portal-file FILE, or at an https:// address of yours. It holds no secret.',
];

function staticNotes(wishes: DexWishes): string[] {
  return [
    "Add these to staticClients in Dex's configuration and restart Dex. Give it expiry.refreshTokens.reuseInterval: 30s too:",
    'without it, a renewal that is cut off midway ends the session.',
    ...trustNotes(wishes, 'client'),
  ];
}

function controllerNotes(wishes: DexWishes): string[] {
  return [
    'Apply to the management cluster: kubectl apply -f FILE.',
    `The controller gives Dex a client with the id ${wishes.prefix}NAME for each, so the portal file that fits is made with`,
    `--format portal-file --client-prefix ${wishes.prefix}. See what Dex has:`,
    `  kubectl --namespace ${wishes.namespace} get clients.dex.mesosphere.io`,
    'The secret of the public client is empty on purpose: people have none to send.',
    "Give Dex's configuration expiry.refreshTokens.reuseInterval: 30s: without it, a renewal that is cut off ends the session.",
    ...trustNotes(wishes, 'resource'),
  ];
}

function storageNotes(wishes: DexWishes): string[] {
  return [
    "Apply to the cluster and namespace where Dex keeps its storage: kubectl apply -f FILE. The names are made of the clients' ids;",
    'Dex finds a client by that name alone.',
    ...trustNotes(wishes, 'resource'),
  ];
}

function trustNotes(wishes: DexWishes, thing: string): string[] {
  const asking = publicId(wishes);
  if (wishes.sharedAudience === undefined) {
    return [
      `Where a ${thing} of a cluster exists already, keep it and its secret, and only add ${asking} to its trustedPeers.`,
      '',
    ];
  }
  return [
    `All clusters take tokens for ${wishes.sharedAudience}: add this to that client, and keep the rest of it:`,
    `  trustedPeers: [${asking}]`,
    "Each cluster's token is then separate but not isolated: the clusters would accept each other's.",
    '',
  ];
}

function serverNotes(wishes: DexWishes): string[] {
  if (wishes.sharedAudience !== undefined) return [];
  return [
    '',
    'And tell each API server to take the tokens for its own client, and no others:',
    ...wishes.clusters.map(
      cluster =>
        `  ${cluster.name}: --oidc-issuer-url=${wishes.issuer} --oidc-client-id=${clusterId(wishes, cluster)}`,
    ),
    'Where kube-oidc-proxy stands before it (an address that ends in /dkp/api-server), its value oidc.clientId is the place,',
    'and the same id belongs to the cluster in the configuration of dex-k8s-authenticator, with the secret above.',
  ];
}
