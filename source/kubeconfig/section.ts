export type Section = 'clusters' | 'contexts' | 'users';
export const sections: readonly Section[] = ['clusters', 'contexts', 'users'];

/** Under which field of an entry its content is (Kubernetes' NamedCluster, NamedContext, NamedAuthInfo). */
export const fieldOf = { clusters: 'cluster', contexts: 'context', users: 'user' } as const;

export type Fields = Readonly<Record<string, unknown>>;

export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
