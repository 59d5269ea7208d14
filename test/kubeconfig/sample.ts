import type { KubeconfigEntry } from '../../source/kubeconfig/entry.ts';
import { type Layout, layOut } from '../../source/kubeconfig/layout.ts';
import { type Merged, type MergeRules, mergeEntries } from '../../source/kubeconfig/merge.ts';
import { parseProfileName } from '../../source/profiles/profile-name.ts';

/** An entry for a cluster of its own, or for another one. */
export function sampleEntry(name: string, more: Partial<KubeconfigEntry> = {}): KubeconfigEntry {
  return {
    profile: parseProfileName(name),
    server: `https://${name}.example.com:6443`,
    ca: '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n',
    user: { kind: 'exec', command: '/opt/dkp-auth-token', args: ['--profile', name] },
    ...more,
  };
}

/** Merges into files given by their texts, the first of which takes what is new. */
export function mergeInto(
  texts: readonly string[],
  entries: readonly KubeconfigEntry[],
  rules: Partial<MergeRules> = {},
): Merged & { readonly texts: readonly string[] } {
  const layouts: Layout[] = texts.map((text, index) => layOut(text, `/home/ada/${index}.yaml`));
  const merged = mergeEntries(layouts, entries, {
    onConflict: 'fail',
    forNew: layouts[0]?.path ?? '',
    isKnown: () => false,
    setCurrent: undefined,
    ...rules,
  });
  return { ...merged, texts: merged.layouts.map(({ text }) => text) };
}
