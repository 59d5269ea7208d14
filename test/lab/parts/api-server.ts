import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { execa } from 'execa';
import { stringify } from 'yaml';
import { toolPath } from '../build.ts';
import { ensureAuthority, ensureLeaf, ensureSigningKey } from '../certificates.ts';
import { answers } from '../probe.ts';
import type { Run } from '../run.ts';
import { findTool } from '../tools.ts';
import { issuerIds, type ServerPlan, servers, users } from '../world.ts';
import { issuerUrl } from './dex.ts';
import { etcdUrl } from './etcd.ts';
import type { Part } from './part.ts';

export const serverUrl = (run: Run, server: ServerPlan) => `https://127.0.0.1:${run.port(server.name)}`;
export const serverFiles = (run: Run, server: ServerPlan) => ({
  folder: run.path('servers', server.name),
  ca: run.path('servers', server.name, 'ca.crt'),
  adminCert: run.path('servers', server.name, 'admin.crt'),
  adminKey: run.path('servers', server.name, 'admin.key'),
  adminKubeconfig: run.path('servers', server.name, 'admin.yaml'),
  auditLog: run.path('servers', server.name, 'audit.log'),
});

/** Each issuer on its own: a Dex that is down must not keep the tokens of the other from being checked. */
const authentication = (run: Run, server: ServerPlan) => ({
  apiVersion: 'apiserver.config.k8s.io/v1',
  kind: 'AuthenticationConfiguration',
  jwt: issuerIds.map(id => ({
    issuer: {
      url: issuerUrl(run, id),
      certificateAuthority: run.authority.pem,
      audiences: [server.audience],
    },
    claimMappings: {
      username: { claim: 'email', prefix: '' },
      groups: { claim: 'groups', prefix: 'oidc:' },
    },
  })),
});

const auditPolicy = {
  apiVersion: 'audit.k8s.io/v1',
  kind: 'Policy',
  omitStages: ['RequestReceived'],
  rules: [
    // What a server asks itself would bury what people ask.
    { level: 'None', users: ['system:apiserver'] },
    { level: 'None', nonResourceURLs: ['/healthz*', '/livez*', '/readyz*'] },
    { level: 'Metadata' },
  ],
};

function adminKubeconfig(run: Run, server: ServerPlan) {
  const files = serverFiles(run, server);
  const name = `${server.name}-admin`;
  return {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [
      { name: server.name, cluster: { server: serverUrl(run, server), 'certificate-authority': files.ca } },
    ],
    users: [{ name, user: { 'client-certificate': files.adminCert, 'client-key': files.adminKey } }],
    contexts: [{ name, context: { cluster: server.name, user: name } }],
    'current-context': name,
  };
}

function grants(server: ServerPlan) {
  const apiGroup = 'rbac.authorization.k8s.io';
  const bind = (name: string, role: string, subject: { kind: 'Group' | 'User'; name: string }) => ({
    apiVersion: `${apiGroup}/v1`,
    kind: 'ClusterRoleBinding',
    metadata: { name },
    roleRef: { apiGroup, kind: 'ClusterRole', name: role },
    subjects: [{ apiGroup, ...subject }],
  });
  // The roles view and edit are put together by a controller, and no controller runs here.
  const role = (name: string, verbs: readonly string[]) => ({
    apiVersion: `${apiGroup}/v1`,
    kind: 'ClusterRole',
    metadata: { name },
    rules: [
      {
        apiGroups: [''],
        resources: ['configmaps', 'events', 'namespaces', 'nodes', 'pods', 'services'],
        verbs,
      },
      { apiGroups: ['apps'], resources: ['deployments', 'statefulsets', 'daemonsets', 'replicasets'], verbs },
    ],
  });
  const team = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'team' } };
  return [
    team,
    role('lab-reader', ['get', 'list', 'watch']),
    role('lab-writer', ['get', 'list', 'watch', 'create', 'update', 'patch', 'delete']),
    bind('lab-platform-admins', 'cluster-admin', { kind: 'Group', name: 'oidc:platform-admins' }),
    bind('lab-developers', 'lab-reader', { kind: 'Group', name: 'oidc:developers' }),
    bind('lab-authors', 'lab-reader', { kind: 'Group', name: 'oidc:authors' }),
    ...users
      .filter(user => user.connector === 'local')
      .map(user => bind(`lab-${user.name}`, 'lab-reader', { kind: 'User', name: user.email })),
    ...(server.name.endsWith('-a')
      ? [
          {
            apiVersion: `${apiGroup}/v1`,
            kind: 'RoleBinding',
            metadata: { name: 'lab-developers', namespace: 'team' },
            roleRef: { apiGroup, kind: 'ClusterRole', name: 'lab-writer' },
            subjects: [{ apiGroup, kind: 'Group', name: 'oidc:developers' }],
          },
        ]
      : []),
  ];
}

async function prepare(run: Run, server: ServerPlan) {
  const files = serverFiles(run, server);
  await mkdir(files.folder, { recursive: true, mode: 0o700 });
  const authority = await ensureAuthority(files.folder, `dkp-auth lab ${server.name} CA`);
  const serving = await ensureLeaf(authority, 'serving', { commonName: server.name, usage: 'server' });
  await ensureLeaf(authority, 'admin', {
    commonName: 'lab-admin',
    organization: 'system:masters',
    usage: 'client',
  });
  const signingKey = await ensureSigningKey(run.path('servers', server.name, 'service-accounts.key'));
  const write = async (name: string, document: unknown) => {
    const file = run.path('servers', server.name, name);
    await writeFile(file, stringify(document), { mode: 0o600 });
    return file;
  };
  await write('admin.yaml', adminKubeconfig(run, server));
  const flags = {
    'etcd-servers': etcdUrl(run),
    'etcd-prefix': `/${server.name}`,
    'bind-address': '127.0.0.1',
    'advertise-address': '127.0.0.1',
    'secure-port': run.port(server.name),
    'tls-cert-file': serving.certFile,
    'tls-private-key-file': serving.keyFile,
    'client-ca-file': authority.file,
    'service-account-key-file': signingKey,
    'service-account-signing-key-file': signingKey,
    'service-account-issuer': serverUrl(run, server),
    'service-cluster-ip-range': '10.96.0.0/16',
    'authorization-mode': 'RBAC',
    'authentication-config': await write('authentication.yaml', authentication(run, server)),
    'audit-policy-file': await write('audit-policy.yaml', auditPolicy),
    'audit-log-path': files.auditLog,
    'audit-log-mode': 'blocking-strict',
    // The address of a server on loopback is none that its own Service may have.
    'endpoint-reconciler-type': 'none',
    // No controller gives namespaces their default account here.
    'disable-admission-plugins': 'ServiceAccount',
    'shutdown-delay-duration': '0s',
    profiling: false,
  };
  return {
    command: toolPath(findTool(server.tool)),
    args: Object.entries(flags).map(([name, value]) => `--${name}=${value}`),
  };
}

async function ready(run: Run, server: ServerPlan) {
  const files = serverFiles(run, server);
  const [ca, cert, key] = await Promise.all(
    [files.ca, files.adminCert, files.adminKey].map(file => readFile(file, 'utf8').catch(() => '')),
  );
  return answers(`${serverUrl(run, server)}/readyz`, { ca: ca ?? '', cert: cert ?? '', key: key ?? '' });
}

async function settle(run: Run, server: ServerPlan) {
  const kubeconfig = `--kubeconfig=${serverFiles(run, server).adminKubeconfig}`;
  await execa(toolPath(findTool('kubectl')), [kubeconfig, 'apply', '--server-side', '--filename', '-'], {
    input: grants(server)
      .map(document => stringify(document))
      .join('---\n'),
    timeout: 60_000,
    // kubectl keeps a cache of what servers offer below the home directory.
    env: { KUBECACHEDIR: run.path('kubectl-cache') },
  });
}

export const apiServers: readonly Part[] = servers.map(server => ({
  id: server.name,
  about: `a Kubernetes API server (${server.tool}) that accepts tokens for the audience ${server.audience}`,
  loses: `every check at ${server.name}`,
  after: ['etcd', ...issuerIds],
  tools: [server.tool, 'kubectl'],
  files: [],
  address: run => serverUrl(run, server),
  prepare: run => prepare(run, server),
  ready: run => ready(run, server),
  settle: run => settle(run, server),
  patienceSeconds: 120,
}));
