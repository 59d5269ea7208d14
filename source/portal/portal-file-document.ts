import { Ajv2020 } from 'ajv/dist/2020.js';
import {
  type Document,
  isAlias,
  isMap,
  isPair,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseDocument,
  visit,
} from 'yaml';
import schema from '../../docs/portal-file.schema.json' with { type: 'json' };
import { UserError } from '../errors.ts';
import { plainText } from '../text.ts';
import { type Fault, type FieldPath, formatPath, schemaFault } from './portal-file-faults.ts';

/** A portal file as it is written; `docs/portal-file.schema.json` is what says so. */
export type PortalFileDocument = {
  readonly apiVersion: 'dkp-auth/v1';
  readonly kind: 'PortalFile';
  readonly loginLink?: string;
  readonly ca?: string;
  readonly issuer: string;
  readonly client: {
    readonly id: string;
    readonly scopes?: readonly string[];
    readonly redirectPorts?: readonly number[];
  };
  readonly workspaces?: readonly { readonly name: string; readonly loginLink?: string }[];
  readonly clusters: readonly {
    readonly name: string;
    readonly server: string;
    readonly ca?: string;
    readonly workspace?: string;
    readonly audience?: {
      readonly dexClient?: string;
      readonly resource?: string;
      readonly audience?: string;
    };
  }[];
};

/** A document that keeps to the schema, and where in its text everything stands. */
export type CheckedDocument = {
  readonly content: PortalFileDocument;
  /** An error that points at the faults, as `FILE:LINE:COLUMN: FIELD ...`. */
  errorOf(faults: readonly Fault[]): UserError;
};

const mostFaultsTold = 4;
// To find the place of each takes its time, and nobody reads them all.
const mostFaultsFound = 100;

const keepsToSchema = new Ajv2020({ allErrors: true, verbose: true }).compile<PortalFileDocument>(schema);

/** @throws UserError PORTAL_FILE_INVALID */
export function checkDocument(text: string, source: string): CheckedDocument {
  const lines = new LineCounter();
  const document = parse(text, source, lines);
  const errorOf = (faults: readonly Fault[]) =>
    formatFaults(
      source,
      faults.slice(0, mostFaultsFound).map(fault => ({
        ...lines.linePos(locate(document, fault)),
        words: `${formatPath(fault.path)} ${fault.words}`,
        isLack: fault.isLack ?? false,
      })),
    );
  const content: unknown = document.toJS();
  if (!keepsToSchema(content))
    throw errorOf((keepsToSchema.errors ?? []).slice(0, mostFaultsFound).map(schemaFault));
  const hidden = hiddenCharacters(content);
  if (hidden.length > 0) throw errorOf(hidden);
  return { content, errorOf };
}

type PlacedFault = {
  readonly line: number;
  readonly col: number;
  readonly words: string;
  readonly isLack?: boolean;
};

function formatFaults(source: string, faults: readonly PlacedFault[]): UserError {
  // A field that seems to be missing is often only misspelt, which its place says better.
  const sorted = faults.toSorted(
    (a, b) => Number(a.isLack ?? false) - Number(b.isLack ?? false) || a.line - b.line || a.col - b.col,
  );
  const [first, ...others] = sorted.map(
    ({ line, col, words }) => `${plainText(source)}:${line}:${col}: ${words}.`,
  );
  const told = others.slice(0, mostFaultsTold);
  const rest = others.length - told.length;
  return new UserError('PORTAL_FILE_INVALID', first ?? `${plainText(source)} is not a portal file.`, {
    hint: [
      ...told,
      ...(rest > 0 ? [`${rest} more.`] : []),
      'Tell whoever gave you the portal file; docs/portal-file.schema.json describes it.',
    ].join('\n'),
  });
}

const tooDeep = 'It is nested too deeply';

/** YAML 1.2 without what a portal file has no use for: aliases, tags, several documents, repeated fields. */
function parse(text: string, source: string, lineCounter: LineCounter): Document {
  let document: Document;
  try {
    // Its own search for repeated fields takes the square of their number.
    document = parseDocument(text, {
      lineCounter,
      uniqueKeys: false,
      logLevel: 'error',
      prettyErrors: false,
    });
  } catch {
    throw formatFaults(source, [{ line: 1, col: 1, words: tooDeep }]);
  }
  const at = (offset: number, words: string) => ({ ...lineCounter.linePos(offset), words });
  const faults = [...document.errors, ...document.warnings].map(({ pos, message }) =>
    at(pos[0], /call stack/.test(message) ? tooDeep : plainText(message).replace(/\.$/, '')),
  );
  if (faults.length === 0) {
    visit(document, {
      Alias: (_, { range }) => void faults.push(at(range?.[0] ?? 0, 'An alias (*) has no place here')),
      Map: (_, map) => {
        const seen = new Set<string>();
        for (const { key } of map.items) {
          const name = isScalar(key) ? String(key.value) : '';
          const offset = (key as Node | null)?.range?.[0] ?? 0;
          if (seen.has(name)) faults.push(at(offset, `The field "${plainText(name, 60)}" is there twice`));
          seen.add(name);
        }
      },
    });
  }
  if (faults.length > 0) throw formatFaults(source, faults);
  return document;
}

/** Where a field's value begins, its name where there is no value, or what would hold it. */
function locate(document: Document, { path, atKey }: Fault): number {
  let node: unknown = document.contents;
  let offset = isNodeWithRange(node) ? node.range[0] : 0;
  for (const [depth, part] of path.entries()) {
    const isLast = depth === path.length - 1;
    const found: unknown = isMap(node)
      ? node.items.find(({ key }) => isScalar(key) && String(key.value) === String(part))
      : isSeq(node) && typeof part === 'number'
        ? node.items[part]
        : undefined;
    const next = isPair(found) ? (isLast && atKey ? found.key : (found.value ?? found.key)) : found;
    if (!isNodeWithRange(next) || isAlias(next)) return offset;
    node = next;
    offset = next.range[0];
  }
  return offset;
}

function isNodeWithRange(node: unknown): node is Node & { range: [number, number, number] } {
  return typeof node === 'object' && node !== null && Array.isArray((node as { range?: unknown }).range);
}

// A certificate has several lines; nothing else has a character that cannot be seen.
function hiddenCharacters(value: unknown, path: FieldPath = []): Fault[] {
  if (typeof value === 'string') {
    const visible = path.at(-1) === 'ca' ? value.replace(/[\r\n\t]/g, '') : value;
    const words = 'holds characters that cannot be seen';
    return /[\p{Cc}\p{Cf}\p{Co}\p{Cs}\p{Zl}\p{Zp}]/u.test(visible) ? [{ path, words }] : [];
  }
  if (Array.isArray(value)) return value.flatMap((item, index) => hiddenCharacters(item, [...path, index]));
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, item]) => hiddenCharacters(item, [...path, key]));
}
