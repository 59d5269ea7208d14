import { type Exchange, type Handler, send, sendJson } from '../http.ts';
import { accessOf } from '../world.ts';
import {
  type AuthenticationSettings,
  authenticate,
  type KubernetesUser,
  plainGroups,
} from './authenticate.ts';
import { discovery } from './discovery.ts';
import { objectsOf, type Resource, resources } from './resources.ts';
import { isAllowed, review } from './reviews.ts';
import { notFound, type Refusal, sendStatus, unauthorized } from './status.ts';
import { table } from './table.ts';

export type ApiServerSettings = AuthenticationSettings & {
  readonly name: string;
  readonly workspace: string | null;
  readonly server: string;
};

// What RBAC's system:public-info-viewer lets everybody see.
const open = new Set(['/version', '/version/', '/healthz', '/livez', '/readyz']);

/** A Kubernetes API server as far as kubectl's everyday commands go. */
export function createApiServer(settings: ApiServerSettings): Handler {
  const base = new URL(settings.server).pathname.replace(/\/$/, '');
  return async exchange => {
    const { request, response, path } = exchange;
    if (!`${path}/`.startsWith(`${base}/`)) return send(response, 404, '404 page not found\n');
    const route = path.slice(base.length) || '/';
    const bearer = /^bearer\s+(.+)$/i.exec(request.headers.authorization ?? '')?.[1];
    const user = bearer === undefined ? undefined : await authenticate(bearer, settings);
    const mayPass = user !== undefined || (bearer === undefined && open.has(route));
    if (!mayPass) return sendStatus(response, unauthorized);
    if (route.endsWith('z'))
      return send(response, 200, 'ok', { 'content-type': 'text/plain; charset=utf-8' });
    const document = request.method === 'GET' ? discovery(route, settings.server) : undefined;
    if (document !== undefined) return sendJson(response, 200, document);
    const target = targetOf(route);
    if (target === undefined || user === undefined) return sendStatus(response, notFound);
    answer(settings, exchange, user, target);
  };
}

type Target = {
  readonly resource: Resource;
  readonly namespace: string | undefined;
  readonly name: string | undefined;
};

function targetOf(route: string): Target | undefined {
  const [root, ...parts] = route.split('/').slice(1).map(decodeURIComponent);
  const group = root === 'api' ? '' : root === 'apis' ? parts.shift() : undefined;
  if (group === undefined || parts.shift() === undefined) return undefined;
  const namespaced = parts[0] === 'namespaces' && parts.length > 2;
  const namespace = namespaced ? parts[1] : undefined;
  const [plural, name, ...more] = namespaced ? parts.slice(2) : parts;
  const resource = resources.find(candidate => candidate.group === group && candidate.name === plural);
  return resource === undefined || more.length > 0 ? undefined : { resource, namespace, name };
}

function answer(settings: ApiServerSettings, exchange: Exchange, user: KubernetesUser, target: Target) {
  const { request, response, body } = exchange;
  const { resource, namespace, name } = target;
  const access = accessOf(plainGroups(user), settings.workspace);
  const reviewed = request.method === 'POST' ? review(resource.name, body, user, access) : undefined;
  if (reviewed !== undefined) return sendJson(response, 201, reviewed);
  const verb = verbOf(exchange, name);
  if (!isAllowed(access, { verb, resource: resource.name })) {
    return sendStatus(response, forbidden(user, verb, target));
  }
  if (request.method !== 'GET') return sendStatus(response, methodNotAllowed);
  const now = settings.now();
  const all = objectsOf(settings.name, settings.workspace, now).get(resource.name) ?? [];
  const inNamespace = all.filter(
    ({ metadata }) => namespace === undefined || metadata.namespace === namespace,
  );
  const asTable = (request.headers.accept ?? '').includes('as=Table');
  const version = resource.group === '' ? resource.version : `${resource.group}/${resource.version}`;
  const typed = { kind: resource.kind, apiVersion: version };
  const found = inNamespace.find(({ metadata }) => metadata.name === name);
  if (name !== undefined && found === undefined) return sendStatus(response, missing(resource, name));
  if (asTable)
    return sendJson(response, 200, table(resource.name, found === undefined ? inNamespace : [found], now));
  if (found !== undefined) return sendJson(response, 200, { ...typed, ...found });
  const list = { kind: `${resource.kind}List`, apiVersion: version, metadata: { resourceVersion: '1000' } };
  sendJson(response, 200, { ...list, items: inNamespace });
}

function verbOf({ request, query }: Exchange, name: string | undefined): string {
  switch (request.method) {
    case 'GET':
      if (name !== undefined) return 'get';
      return query.get('watch') === 'true' || query.get('watch') === '1' ? 'watch' : 'list';
    case 'POST':
      return 'create';
    case 'PUT':
      return 'update';
    case 'PATCH':
      return 'patch';
    default:
      return name === undefined ? 'deletecollection' : 'delete';
  }
}

function forbidden(user: KubernetesUser, verb: string, { resource, namespace, name }: Target): Refusal {
  const which = name === undefined ? qualified(resource) : `${qualified(resource)} "${name}"`;
  // The namespace of a namespace is itself.
  const inside = resource.name === 'namespaces' ? name : namespace;
  const where = inside === undefined ? 'at the cluster scope' : `in the namespace "${inside}"`;
  return {
    code: 403,
    reason: 'Forbidden',
    message: `${which} is forbidden: User "${user.name}" cannot ${verb} resource "${resource.name}" in API group "${resource.group}" ${where}`,
    details: { ...(name === undefined ? {} : { name }), kind: resource.name },
  };
}

const qualified = ({ name, group }: Resource) => (group === '' ? name : `${name}.${group}`);

const missing = (resource: Resource, name: string): Refusal => ({
  code: 404,
  reason: 'NotFound',
  message: `${qualified(resource)} "${name}" not found`,
  details: { name, kind: resource.name },
});

const methodNotAllowed: Refusal = {
  code: 405,
  reason: 'MethodNotAllowed',
  message: 'the server does not allow this method on the requested resource',
  details: {},
};
