import { isMap, isScalar, isSeq, visit } from 'yaml';
import type { Item, Layout } from './layout.ts';
import { endOf, startOf } from './place.ts';
import { applySplices, type Splice } from './splice.ts';

// What of a user may be shown; whatever else may be said there is hidden, for it may be a credential.
const shownFields: ReadonlySet<string> = new Set([
  'name',
  'apiVersion',
  'command',
  'interactiveMode',
  'provideClusterInfo',
  'installHint',
  'tokenFile',
  'client-certificate',
  'client-key',
  'username',
  'as',
  'as-uid',
]);
const longData: ReadonlySet<string> = new Set(['certificate-authority-data', 'client-certificate-data']);
const secretArgument = /(secret|token|password|key)=./i;

/** The items a text holds whose secrets are to be hidden. */
export type Masking = {
  readonly layout: Layout;
  readonly items: readonly Item[];
  /** How a credential is shown. */
  readonly wordFor: (secret: string) => string;
};

/** The text with its credentials hidden and long certificates shortened, line by line as it was but for them. */
export function masked({ layout, items, wordFor }: Masking): string {
  return applySplices(
    layout.text,
    items.flatMap(item => splicesOf(item, layout.text, wordFor)),
  );
}

function splicesOf(item: Item, text: string, wordFor: Masking['wordFor']): Splice[] {
  const { node, base } = item.spot();
  const place = { text, base };
  const splices: Splice[] = [];
  visit(node, {
    Scalar: (key, scalar, path) => {
      if (key === 'key' || scalar.range?.[0] === scalar.range?.[1]) return;
      const value = String(scalar.value);
      const shown = shownAs(item, fieldsOf(path), value, wordFor);
      if (shown !== undefined)
        splices.push({ start: startOf(scalar, place), end: endOf(scalar, place), text: shown });
    },
  });
  return splices;
}

/** The keys that lead to a scalar within an entry, and `*` for a place in a list. */
function fieldsOf(path: readonly unknown[]): string[] {
  return path.flatMap(step => {
    if (isSeq(step)) return ['*'];
    if (isMap(step) || !('key' in (step as object))) return [];
    const { key } = step as { key: unknown };
    return isScalar(key) ? [String(key.value)] : [];
  });
}

/** What stands in a value's place; undefined where the value itself may be shown. */
function shownAs(
  { section }: Item,
  fields: readonly string[],
  value: string,
  wordFor: Masking['wordFor'],
): string | undefined {
  const last = fields.at(-1) ?? '';
  if (longData.has(last)) return `"(certificates, ${value.length} characters)"`;
  if (section !== 'users') return last === 'proxy-url' && value.includes('@') ? wordFor(value) : undefined;
  const inExec = fields.includes('exec');
  if (inExec && last === '*' && fields.at(-2) === 'args')
    return secretArgument.test(value) ? wordFor(value) : undefined;
  if (shownFields.has(last) && (fields.length <= 2 || inExec || last === 'name')) return undefined;
  return wordFor(value);
}
