import { groups, type Resource, resources } from './resources.ts';

/** The discovery documents, in the unaggregated form that every kubectl falls back to. */
export function discovery(path: string, server: string): object | undefined {
  if (path === '/api') {
    return {
      kind: 'APIVersions',
      versions: ['v1'],
      serverAddressByClientCIDRs: [{ clientCIDR: '0.0.0.0/0', serverAddress: new URL(server).host }],
    };
  }
  if (path === '/apis') return { kind: 'APIGroupList', apiVersion: 'v1', groups: groups.map(group) };
  if (path === '/version' || path === '/version/') return version;
  if (path === '/api/v1') return resourceList('v1', '');
  const [, root, name, versionName, ...more] = path.split('/');
  if (root !== 'apis' || name === undefined || more.length > 0 || !groups.includes(name)) return undefined;
  if (versionName === undefined) return { kind: 'APIGroup', apiVersion: 'v1', ...group(name) };
  return versionName === 'v1' ? resourceList(`${name}/v1`, name) : undefined;
}

const version = {
  major: '1',
  minor: '31',
  gitVersion: 'v1.31.4',
  gitCommit: 'a78aa47129b8539636eb86a9d00e31b2720fe06b',
  gitTreeState: 'clean',
  buildDate: '2024-12-10T23:20:54Z',
  goVersion: 'go1.22.9',
  compiler: 'gc',
  platform: 'linux/amd64',
};

function group(name: string): object {
  const only = { groupVersion: `${name}/v1`, version: 'v1' };
  return { name, versions: [only], preferredVersion: only };
}

function resourceList(groupVersion: string, name: string): object {
  const entry = ({ name: plural, singular, namespaced, kind, verbs, shortNames }: Resource) => ({
    name: plural,
    singularName: singular,
    namespaced,
    kind,
    verbs,
    ...(shortNames === undefined ? {} : { shortNames }),
  });
  const listed = resources.filter(resource => resource.group === name).map(entry);
  return { kind: 'APIResourceList', apiVersion: 'v1', groupVersion, resources: listed };
}
