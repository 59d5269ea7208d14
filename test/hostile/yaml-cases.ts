const times = (count: number, piece: (index: number) => string) =>
  Array.from({ length: count }, (_, i) => piece(i));
const entries = (...items: readonly string[]) => `clusters:\n${items.map(item => `- ${item}\n`).join('')}`;

/** YAML whose meaning takes far longer to find than its text is long, unless somebody sees to that. */
export const costlyYaml: Readonly<Record<string, string>> = {
  'anchors within anchors, as keys': `x: ${'&a [*a,*a]: '.repeat(3_000)}`,
  'a megabyte of anchors within anchors': `x: ${'&a [*a,*a]: '.repeat(90_000)}`,
  'anchors within anchors, as items': `x:\n${'- &a [*a,*a]\n'.repeat(3_000)}`,
  'pairs of what came before': `x:\n- &a0 [x]\n${times(3_000, i => `- &a${i + 1} [*a${i},*a${i}]\n`).join('')}`,
  'a chain of what came before': `x:\n- &a0 [x]\n${times(9_000, i => `- &a${i + 1} [*a${i}]\n`).join('')}`,
  '20,000 aliases as items': `x: &a {name: a}\n${entries(...times(20_000, () => '*a'))}`,
  '9,000 aliases of a large entry': `x: &a {name: a, cluster: {x: [${'y,'.repeat(9_000)}]}}\n${entries(...times(9_000, () => '*a'))}`,
  'merges of merges': `x:\n- &a0 {k: v}\n${times(4_000, i => `- &a${i + 1} {<<: *a${i}}\n`).join('')}`,
  'merges that double': `x:\n- &a0 {k: v}\n${times(40, i => `- &a${i + 1} {<<: [*a${i},*a${i}]}\n`).join('')}`,
  'merges of one list': `x: &l [${times(4_000, () => '{k: v}').join(',')}]\n${entries(...times(4_000, () => '{<<: *l}'))}`,
  'merges of themselves': `x: &a {<<: *a}\n${entries('&b {<<: [*b, *b]}')}`,
  'lists as keys, each anchored': '? &a []\n: x\n'.repeat(20_000),
  'an alias of a list as key': `x: &a [a]\n${'*a : x\n'.repeat(9_000)}`,
  'fields without number': times(40_000, i => `k${i}: x\n`).join(''),
  'fields without number in one entry': entries(
    `{name: a, cluster: {${times(40_000, i => `k${i}: x`).join(',')}}}`,
  ),
  'an error with every word': `x: {a: *b]: ${'&a [*a,*a]: '.repeat(20_000)}`,
  'lists in lists': `x: ${'['.repeat(50_000)}`,
  'lists in lists, to their end': `x: ${'['.repeat(5_000)}${']'.repeat(5_000)}`,
  'maps in maps on one line': `[{: name: one\ncontexts:\n- c${'user: '.repeat(5_000)}`,
  'maps in maps': `x: ${'{a: '.repeat(5_000)}${'}'.repeat(5_000)}`,
};
