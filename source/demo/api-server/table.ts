import type { KubernetesObject } from './resources.ts';

type Column = {
  readonly name: string;
  readonly value: (object: KubernetesObject, now: number) => string | number;
};

const name: Column = { name: 'Name', value: ({ metadata }) => metadata.name };
const age: Column = {
  name: 'Age',
  value: ({ metadata }, now) => ageOf(String(metadata['creationTimestamp'] ?? ''), now),
};

const columns: Record<string, readonly Column[]> = {
  pods: [
    name,
    { name: 'Ready', value: () => '1/1' },
    { name: 'Status', value: () => 'Running' },
    { name: 'Restarts', value: () => 0 },
    age,
  ],
  namespaces: [name, { name: 'Status', value: () => 'Active' }, age],
  nodes: [
    name,
    { name: 'Status', value: () => 'Ready' },
    {
      name: 'Roles',
      value: ({ metadata }) => (metadata.name.includes('control-plane') ? 'control-plane' : '<none>'),
    },
    age,
    { name: 'Version', value: () => 'v1.31.4' },
  ],
};

/** What kubectl prints, when it asks for a table. */
export function table(resource: string, objects: readonly KubernetesObject[], now: number): object {
  const shown = columns[resource] ?? [name, age];
  return {
    kind: 'Table',
    apiVersion: 'meta.k8s.io/v1',
    metadata: { resourceVersion: '1000' },
    columnDefinitions: shown.map(column => ({
      name: column.name,
      type: column.name === 'Restarts' ? 'integer' : 'string',
      format: column.name === 'Name' ? 'name' : '',
      description: '',
      priority: 0,
    })),
    rows: objects.map(object => ({
      cells: shown.map(column => column.value(object, now)),
      object: { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata: object.metadata },
    })),
  };
}

function ageOf(created: string, now: number): string {
  const hours = Math.max(0, Math.floor((now - Date.parse(created)) / 3_600_000));
  return hours >= 48 ? `${Math.floor(hours / 24)}d` : `${hours}h`;
}
