import { parseDocument } from 'yaml';
import { boundedValue, YamlFault } from '../yaml-bounds.ts';

/**
 * A kubeconfig as the platform fills its template, read for its clusters alone, some at a time and without what their
 * certificates are made of: of thousands of clusters a YAML document takes hundreds of megabytes. Whatever does not look
 * like that template is read as a whole.
 * @throws YAMLParseError, and YamlFault for what costs too much or the platform never writes
 */
export function readClusters(text: string): unknown {
  const section = text.includes(mark) ? undefined : sectionOf(text);
  if (section !== undefined) {
    try {
      return { clusters: readSection(section) };
    } catch {
      // An anchor elsewhere, or no YAML: the whole tells.
    }
  }
  return readWhole(text);
}

type Reviver = (key: unknown, value: unknown) => unknown;

const asItIs: Reviver = (_, value) => value;

/** A download as one document, with the same errors. */
export function readWhole(text: string, reviver = asItIs): unknown {
  const document = parseDocument(text, { logLevel: 'silent', prettyErrors: false, uniqueKeys: false });
  const [error] = document.errors;
  if (error !== undefined) throw error;
  const { value, targets } = boundedValue(document, reviver);
  const [alias] = targets.keys();
  if (alias !== undefined) throw new YamlFault('holds aliases, which the platform never writes', alias);
  return value;
}

const heading = /^clusters:[ \t]*\n/m;
/** Whatever begins at the margin and is no entry of the list. */
const nextSection = /^(?:[^\s-]|---).*/m;
const section = /^[\w-]+:(?: |$)/;

/** The lines of the one list of clusters in a document in block style. */
function sectionOf(text: string): string | undefined {
  if (text.match(/^["']?clusters["']?\s*:/gm)?.length !== 1) return undefined;
  const found = heading.exec(text);
  if (found === null) return undefined;
  const rest = text.slice(found.index + found[0].length);
  const end = nextSection.exec(rest);
  if (end === null) return rest;
  return section.test(end[0]) ? rest.slice(0, end.index) : undefined;
}

/** Stands for a certificate authority while YAML is read; no document has it. */
const mark = 'dkp-auth-authority-';
const marked = new RegExp(`${mark}(\\d+)`, 'g');
const authority = /^( +certificate-authority-data: )([A-Za-z\d+/]{100,}={0,2})$/gm;

function readSection(section: string): unknown[] {
  const authorities: string[] = [];
  const short = section.replace(authority, (_, key: string, data: string) => {
    authorities.push(data);
    return `${key}${mark}${authorities.length - 1}`;
  });
  const restore: Reviver = (_, value) =>
    typeof value === 'string' && value.includes(mark)
      ? value.replaceAll(marked, (_whole, place: string) => authorities[Number(place)] ?? '')
      : value;
  return batchesOf(short).flatMap(batch => {
    const list = readWhole(batch, restore);
    if (!Array.isArray(list)) throw new TypeError('not a list');
    return list;
  });
}

const entriesAtOnce = 25;

/** The list in pieces, each with whole entries. */
function batchesOf(section: string): string[] {
  const lines = section.split('\n');
  const lead = /^ *- /.exec(lines[0] ?? '')?.[0];
  if (lead === undefined) throw new TypeError('not a list in block style');
  const starts = lines.flatMap((line, index) => (line.startsWith(lead) ? [index] : []));
  return starts
    .filter((_, index) => index % entriesAtOnce === 0)
    .map((start, index) => lines.slice(start, starts[(index + 1) * entriesAtOnce]).join('\n'));
}
