/** What there is on a cluster of the demo: a few namespaces, nodes and pods, the same for everybody who may look. */

export type Resource = {
  readonly group: string;
  readonly version: string;
  readonly name: string;
  readonly singular: string;
  readonly kind: string;
  readonly namespaced: boolean;
  readonly verbs: readonly string[];
  readonly shortNames?: readonly string[];
};

export type KubernetesObject = {
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly [field: string]: unknown;
  };
  readonly [field: string]: unknown;
};

const reading = ['get', 'list', 'watch'];
const resource = (kind: string, name: string, rest: Partial<Resource> = {}): Resource => ({
  group: '',
  version: 'v1',
  name,
  singular: kind.toLowerCase(),
  kind,
  namespaced: true,
  verbs: reading,
  ...rest,
});
const access = { group: 'authorization.k8s.io', verbs: ['create'], namespaced: false };

export const resources: readonly Resource[] = [
  resource('ConfigMap', 'configmaps', { shortNames: ['cm'] }),
  resource('Namespace', 'namespaces', { namespaced: false, shortNames: ['ns'] }),
  resource('Node', 'nodes', { namespaced: false, shortNames: ['no'] }),
  resource('Pod', 'pods', { shortNames: ['po'] }),
  resource('Secret', 'secrets'),
  resource('Service', 'services', { shortNames: ['svc'] }),
  resource('Deployment', 'deployments', { group: 'apps', shortNames: ['deploy'] }),
  resource('SelfSubjectReview', 'selfsubjectreviews', { ...access, group: 'authentication.k8s.io' }),
  resource('SelfSubjectAccessReview', 'selfsubjectaccessreviews', access),
  resource('SelfSubjectRulesReview', 'selfsubjectrulesreviews', access),
];

export const groups = [...new Set(resources.map(({ group }) => group))].filter(group => group !== '');

const system = ['kube-system', 'kommander', 'cert-manager'];

export function objectsOf(
  cluster: string,
  workspace: string | null,
  now: number,
): ReadonlyMap<string, readonly KubernetesObject[]> {
  const created = new Date(now - 3 * 24 * 60 * 60 * 1000).toISOString().replace(/\.\d+Z$/, 'Z');
  const own = workspace === null ? 'platform' : `${workspace}-apps`;
  const meta = (name: string, namespace?: string) => ({
    name,
    ...(namespace === undefined ? {} : { namespace }),
    uid: uidOf(`${cluster}/${namespace ?? ''}/${name}`),
    resourceVersion: '1000',
    creationTimestamp: created,
  });
  const namespaces = ['default', ...system, own].map(name => ({
    metadata: meta(name),
    spec: { finalizers: ['kubernetes'] },
    status: { phase: 'Active' },
  }));
  const pods = [
    ['kube-system', 'coredns-5d78c9869d-4xk2p'],
    ['kube-system', `etcd-${cluster}-control-plane-0`],
    ['kommander', 'traefik-6c9f4bd5c8-hj7lq'],
    ['cert-manager', 'cert-manager-7b5cd9f4d-q8w5z'],
    [own, 'web-6f7c8d9b5-2mnpq'],
    [own, 'web-6f7c8d9b5-9xvzr'],
  ].map(([namespace = 'default', name = '']) => ({
    metadata: meta(name, namespace),
    spec: {
      containers: [{ name: 'main', image: 'registry.example/demo:1' }],
      nodeName: `${cluster}-worker-0`,
    },
    status: { phase: 'Running', containerStatuses: [{ name: 'main', ready: true, restartCount: 0 }] },
  }));
  const nodes = [`${cluster}-control-plane-0`, `${cluster}-worker-0`].map(name => ({
    metadata: meta(name),
    status: { conditions: [{ type: 'Ready', status: 'True' }], nodeInfo: { kubeletVersion: 'v1.31.4' } },
  }));
  return new Map<string, readonly KubernetesObject[]>([
    ['namespaces', namespaces],
    ['pods', pods],
    ['nodes', nodes],
  ]);
}

function uidOf(text: string): string {
  const hex = Buffer.from(text.padEnd(16, '.')).toString('hex').padEnd(32, '0').slice(-32);
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}
