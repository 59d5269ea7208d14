import type { Access } from '../world.ts';
import type { KubernetesUser } from './authenticate.ts';
import { reviewInProtobuf } from './protobuf.ts';

type Attributes = { readonly verb?: string; readonly resource?: string; readonly group?: string };

const reading = ['get', 'list', 'watch'];

export function isAllowed(access: Access, { verb = '', resource = '' }: Attributes): boolean {
  if (access === 'admin') return true;
  return access === 'view' && reading.includes(verb) && resource !== 'secrets';
}

/** The answers to questions that a user asks about herself. Everybody who is authenticated may ask. */
export function review(name: string, body: string, user: KubernetesUser, access: Access): object | undefined {
  const asked = parsed(body);
  switch (name) {
    case 'selfsubjectreviews':
      return {
        kind: 'SelfSubjectReview',
        apiVersion: asked.apiVersion ?? 'authentication.k8s.io/v1',
        metadata: { creationTimestamp: null },
        status: { userInfo: { username: user.name, groups: user.groups } },
      };
    case 'selfsubjectaccessreviews':
      return {
        kind: 'SelfSubjectAccessReview',
        apiVersion: 'authorization.k8s.io/v1',
        metadata: { creationTimestamp: null },
        spec: asked.spec,
        status: accessStatus(access, asked.spec?.resourceAttributes ?? {}),
      };
    case 'selfsubjectrulesreviews':
      return {
        kind: 'SelfSubjectRulesReview',
        apiVersion: 'authorization.k8s.io/v1',
        metadata: { creationTimestamp: null },
        spec: {},
        status: { resourceRules: rules(access), nonResourceRules: [], incomplete: false },
      };
    default:
      return undefined;
  }
}

function accessStatus(access: Access, attributes: Attributes): object {
  return isAllowed(access, attributes)
    ? { allowed: true, reason: `RBAC: allowed by ClusterRoleBinding "demo-${access}"` }
    : { allowed: false };
}

function rules(access: Access): object[] {
  if (access === 'none') return [];
  return [
    access === 'admin' ? rule(['*'], ['*']) : rule(reading, ['namespaces', 'nodes', 'pods', 'services']),
  ];
}

const rule = (verbs: readonly string[], names: readonly string[]) => ({
  verbs,
  apiGroups: ['*'],
  resources: names,
});

function parsed(body: string): { apiVersion?: string; spec?: { resourceAttributes?: Attributes } } {
  if (body.startsWith('k8s\0')) return reviewInProtobuf(Buffer.from(body, 'latin1'));
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === 'object' && value !== null ? value : {};
  } catch {
    return {};
  }
}
