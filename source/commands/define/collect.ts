/** Gathers the values of an option that may be repeated. */
export const collect = (value: string, previous: readonly string[] = []) => [...previous, value];
