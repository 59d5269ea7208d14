/** Who and what the lab knows: the same on every run, so that tests can name it. */

export type LabUser = {
  readonly login: string;
  readonly password: string;
  /** Dex's connector that knows the person */
  readonly connector: 'local' | 'ldap' | 'mock';
  readonly email: string;
  readonly name: string;
  readonly groups: readonly string[];
  readonly sees: string;
};

export const users: readonly LabUser[] = [
  {
    login: 'jane',
    password: 'jane-secret',
    connector: 'ldap',
    email: 'jane@lab.example',
    name: 'Jane Administrator',
    groups: ['platform-admins', 'developers'],
    sees: 'everything: her group is bound to cluster-admin',
  },
  {
    login: 'john',
    password: 'john-secret',
    connector: 'ldap',
    email: 'john@lab.example',
    name: 'John Developer',
    groups: ['developers'],
    sees: 'reads everywhere; writes in the namespace team on the servers ending in -a only',
  },
  {
    login: 'eve',
    password: 'eve-secret',
    connector: 'ldap',
    email: 'eve@lab.example',
    name: 'Eve Nobody',
    groups: [],
    sees: 'nothing: she can log in and has no rights',
  },
  {
    login: 'ada@lab.example',
    password: 'ada-secret',
    connector: 'local',
    email: 'ada@lab.example',
    name: 'ada',
    groups: [],
    sees: 'reads everywhere, bound by her name because local users of older Dex have no groups',
  },
  {
    login: '',
    password: '',
    connector: 'mock',
    email: 'kilgore@kilgore.trout',
    name: 'Kilgore Trout',
    groups: ['authors'],
    sees: 'reads everywhere; the provider asks for nothing',
  },
];

/** bcrypt of the local user's password; Node cannot make one, and Dex takes nothing else. */
export const localPasswordHash = '$2b$10$Zk3yH8mQwV1xT5nR7uLpOeFuFjP9wni8.ugFtJVfQyvO/zIUsbWgK';

export const connectors = [
  { id: 'ldap', type: 'ldap', name: 'Company directory' },
  { id: 'mock', type: 'mockCallback', name: 'Mock' },
  { id: 'local', type: 'local', name: 'Email' },
] as const;

export const directory = {
  baseDn: 'dc=lab,dc=example',
  bindDn: 'cn=admin,dc=lab,dc=example',
  bindPassword: 'directory-secret',
};

export const issuerIds = ['dex', 'dex-older'] as const;
export type IssuerId = (typeof issuerIds)[number];

export const layouts = ['stock', 'isolated'] as const;
export type Layout = (typeof layouts)[number];

/** A Kubernetes API server; the name is the lab's part too. */
export type ServerPlan = {
  readonly name: string;
  readonly layout: Layout;
  readonly tool: 'kube-apiserver' | 'kube-apiserver-oldest';
  readonly audience: string;
  /** one of the embedded DKP's, whose login link offers only this server of the layout */
  readonly workspace: string;
};

const server = (layout: Layout, letter: 'a' | 'b'): ServerPlan => ({
  name: `${layout}-${letter}`,
  layout,
  tool: letter === 'a' ? 'kube-apiserver' : 'kube-apiserver-oldest',
  audience: layout === 'stock' ? 'kube-apiserver' : `${layout}-${letter}`,
  workspace: letter === 'a' ? 'team-red' : 'team-blue',
});

export const servers: readonly ServerPlan[] = [
  server('stock', 'a'),
  server('stock', 'b'),
  server('isolated', 'a'),
  server('isolated', 'b'),
];

/** A token service (the embedded DKP's) in front of one Dex, offering the servers of one layout. */
export type PortalPlan = { readonly name: string; readonly layout: Layout; readonly issuer: IssuerId };

export const portals: readonly PortalPlan[] = [
  { name: 'portal-stock', layout: 'stock', issuer: 'dex' },
  { name: 'portal-isolated', layout: 'isolated', issuer: 'dex' },
  { name: 'portal-older', layout: 'stock', issuer: 'dex-older' },
];

/** DKP's own client, that the token service logs people in with. */
export const portalClient = { id: 'kube-apiserver', secret: 'kube-apiserver-secret' };
/** What an administrator adds so that people can log in without the token service. */
export const publicClient = { id: 'dkp-auth' };
/** A confidential client with a fixed loopback address, for int128/kubelogin and other peers. */
export const peerClient = { id: 'peer', secret: 'peer-secret', redirectUri: 'http://localhost:8000' };
export const clusterClientSecret = (name: string) => `${name}-secret`;
