import type { DemoIdentityProvider, DemoUser, DemoWorkspace } from './types.ts';

/** The organization that the demo plays: who is there, and who may see what. */

export const workspaces: readonly DemoWorkspace[] = [
  { name: 'team-red', displayName: 'Team Red' },
  { name: 'team-blue', displayName: 'Team Blue' },
];

export const identityProviders: readonly DemoIdentityProvider[] = [
  { id: 'corporate', name: 'Corporate Directory', type: 'ldap', workspace: null },
  { id: 'github', name: 'GitHub', type: 'github', workspace: null },
  { id: 'red-sso', name: 'Red Team SSO', type: 'oidc', workspace: 'team-red' },
  { id: 'blue-ldap', name: 'Blue Team LDAP', type: 'ldap', workspace: 'team-blue' },
];

export const users: readonly DemoUser[] = [
  {
    login: 'ada',
    password: 'ada-demo',
    identityProvider: 'corporate',
    email: 'ada@corp.example',
    name: 'Ada Nwosu',
    groups: ['platform-admins', 'employees'],
    sees: 'everything, as an administrator of all clusters',
  },
  {
    login: 'ada-n',
    password: 'ada-n-demo',
    identityProvider: 'github',
    email: 'ada.n@users.example',
    name: 'Ada Nwosu',
    groups: ['blue-developers'],
    sees: "team-blue's clusters; another account of a person called like ada",
  },
  {
    login: 'rhea',
    password: 'rhea-demo',
    identityProvider: 'red-sso',
    email: 'rhea@red.example',
    name: 'Rhea Lind',
    groups: ['red-developers'],
    sees: "team-red's clusters only; signs in with that workspace's own provider",
  },
  {
    login: 'bruno',
    password: 'bruno-demo',
    identityProvider: 'blue-ldap',
    email: 'bruno@blue.example',
    name: 'Bruno Okafor',
    groups: ['blue-developers'],
    sees: "team-blue's clusters only; signs in with that workspace's own provider",
  },
  {
    login: 'ravi',
    password: 'ravi-demo',
    identityProvider: 'corporate',
    email: 'ravi@corp.example',
    name: 'Ravi Menon',
    groups: ['red-developers', 'employees'],
    sees: "team-red's clusters only, with a global provider",
  },
  {
    login: 'noor',
    password: 'noor-demo',
    identityProvider: 'corporate',
    email: 'noor@corp.example',
    name: 'Noor Haddad',
    groups: ['employees'],
    sees: 'nothing: every cluster answers 403',
  },
];

export const portalClient = 'kube-apiserver';
export const publicClient = 'dkp-auth';

export type ClusterPlan = {
  readonly name: string;
  readonly displayName: string;
  readonly workspace: string | null;
  /** path of the API server's address */
  readonly path: string;
  /** `own`: a CA of its own, and "" in the providers list, as for a certificate of the system's roots */
  readonly authority: 'portal' | 'own';
  readonly audience: string;
  readonly clientId: string;
  readonly reachable: boolean;
};

/**
 * The first one is the management cluster: the asynchronous sign-in always uses its client. The global link lists all
 * clusters, a workspace's link its own; the global link shows the global identity providers, a workspace's link those
 * and its own.
 */
export const clusterPlans: readonly ClusterPlan[] = [
  {
    name: 'kubernetes-cluster',
    displayName: 'Management',
    workspace: null,
    path: '/dkp/api-server',
    authority: 'portal',
    audience: portalClient,
    clientId: portalClient,
    reachable: true,
  },
  {
    name: 'red-prod',
    displayName: 'Production',
    workspace: 'team-red',
    path: '',
    authority: 'portal',
    audience: 'red-prod',
    clientId: 'red-prod',
    reachable: true,
  },
  {
    name: 'red-lab',
    displayName: 'Red Lab',
    workspace: 'team-red',
    path: '',
    authority: 'own',
    audience: portalClient,
    clientId: portalClient,
    reachable: true,
  },
  {
    name: 'blue-prod',
    displayName: 'Production',
    workspace: 'team-blue',
    path: '',
    authority: 'portal',
    audience: portalClient,
    clientId: portalClient,
    reachable: true,
  },
  {
    name: 'blue-edge',
    displayName: 'Edge Site',
    workspace: 'team-blue',
    path: '',
    authority: 'portal',
    audience: portalClient,
    clientId: portalClient,
    reachable: false,
  },
];

export type Access = 'admin' | 'view' | 'none';

/** What a group may do on a cluster; users, groups and clusters that are not of the demo get nothing. */
export function accessOf(groups: readonly string[], workspace: string | null): Access {
  if (groups.includes('platform-admins')) return 'admin';
  const team = workspace?.replace(/^team-/, '');
  return team !== undefined && groups.includes(`${team}-developers`) ? 'view' : 'none';
}
