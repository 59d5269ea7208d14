import type { ErrorObject } from 'ajv';
import { profileNameFault } from '../profiles/profile-name.ts';
import { plainText, shortList } from '../text.ts';

/** A way through the document: `['clusters', 1, 'server']`. */
export type FieldPath = readonly (string | number)[];

export type Fault = {
  readonly path: FieldPath;
  /** In words that follow the field's name. */
  readonly words: string;
  /** Whether the field's name is at fault, and not its value. */
  readonly atKey?: boolean;
  /** Whether it is that something is not there. */
  readonly isLack?: boolean;
};

export function formatPath(path: FieldPath): string {
  const joined = path
    .map(part => (typeof part === 'number' ? `[${part}]` : `.${plainText(part, 60)}`))
    .join('');
  return joined === '' ? 'the whole' : joined.replace(/^\./, '');
}

/** What the schema has against a document, in words. */
export function schemaFault(error: ErrorObject): Fault {
  const path = parsePointer(error.instancePath);
  if (error.keyword === 'additionalProperties') {
    const field = String(error.params['additionalProperty']);
    const known = Object.keys(error.parentSchema?.['properties'] ?? {});
    return { path: [...path, field], words: unknownField(field, known), atKey: true };
  }
  return { path, words: valueFault(error, path), isLack: error.keyword === 'required' };
}

// RFC 6901; every number in a path of ours is a place in a list, because no field's name is one.
function parsePointer(pointer: string): FieldPath {
  return pointer
    .split('/')
    .slice(1)
    .map(part => part.replaceAll('~1', '/').replaceAll('~0', '~'))
    .map(part => (/^\d+$/.test(part) ? Number(part) : part));
}

function unknownField(field: string, known: readonly string[]): string {
  if (/secret|password|token/i.test(field)) {
    return 'is no field of a portal file, which goes to many people and holds no secret';
  }
  const near = nearest(field, known);
  const alternatives = near === undefined ? `; there are ${known.join(', ')}` : `; did you mean "${near}"?`;
  return `is not a field that belongs here${alternatives}`;
}

const kinds: Readonly<Record<string, string>> = {
  object: 'a mapping of fields',
  array: 'a list',
  string: 'text (put it in quotes)',
  integer: 'a whole number',
};

function valueFault({ keyword, params, data }: ErrorObject, path: FieldPath): string {
  const field = String(path.findLast(part => typeof part === 'string') ?? '');
  switch (keyword) {
    case 'required':
      return `lacks the field "${params['missingProperty']}"`;
    case 'type':
      return data === null ? 'is empty' : `is not ${kinds[String(params['type'])] ?? params['type']}`;
    case 'const':
      return `is ${quoted(data)}; this program reads "${params['allowedValue']}"`;
    case 'pattern':
      return patternFault(field, String(data));
    case 'uniqueItems':
      return 'names the same thing twice';
    case 'minProperties':
    case 'maxProperties':
      return 'takes exactly one of dexClient, resource and audience';
    case 'minimum':
    case 'maximum':
      return 'is not a port, 1 to 65535';
    case 'minItems':
    case 'minLength':
      return 'is empty';
    default:
      return 'is too long';
  }
}

const addresses = new Set(['loginLink', 'issuer', 'server']);

function patternFault(field: string, value: string): string {
  if (addresses.has(field)) return addressFault(value);
  if (field === 'name') return `is ${quoted(value)}, which ${profileNameFault(value) ?? 'cannot be a name'}`;
  if (field === 'workspace') return `is ${quoted(value)}, which cannot be a workspace`;
  if (field === 'resource') return 'is not an absolute address without a fragment';
  return `is ${quoted(value)}, which has characters that cannot be in it`;
}

export function addressFault(value: string): string {
  if (/^http:/i.test(value)) return 'begins with http://, which anybody on the way can read';
  return `is ${quoted(value)}, which is not an https:// address`;
}

export function quoted(value: unknown): string {
  return `"${plainText(typeof value === 'string' ? value : JSON.stringify(value), 80)}"`;
}

export function unknownName(name: string, known: readonly string[]): string {
  const near = nearest(name, known);
  if (near !== undefined) return `did you mean "${near}"?`;
  return known.length === 0 ? 'there are none' : `there are ${shortList(known, 10)}`;
}

/** The known word that a person most likely meant, if one is near enough. */
function nearest(word: string, known: readonly string[]): string | undefined {
  const plain = (text: string) => text.toLowerCase().replace(/[^a-z0-9]/g, '');
  const given = plain(word.slice(0, 60));
  const [best] = known
    .map(candidate => ({ candidate, distance: editDistance(given, plain(candidate)) }))
    .sort((a, b) => a.distance - b.distance);
  return best !== undefined && best.distance <= Math.max(1, given.length / 3) ? best.candidate : undefined;
}

/** Levenshtein's distance: how many letters to add, drop or change. */
function editDistance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (const [line, letter] of [...from].entries()) {
    const next = [line + 1];
    for (const [column, other] of [...to].entries()) {
      const change = (row[column] ?? 0) + (letter === other ? 0 : 1);
      next.push(Math.min(change, (row[column + 1] ?? 0) + 1, (next[column] ?? 0) + 1));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}
