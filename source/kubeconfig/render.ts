import { Document, isMap, isScalar, visit } from 'yaml';
import { type Fields, isFields } from './section.ts';

// YAML 1.1, which kubectl reads, takes more words for truth values and numbers than 1.2.
const schema = { compat: 'yaml-1.1', aliasDuplicateObjects: false } as const;

/** A value as lines of YAML in block style, without indentation of its own. @param comment above its first field */
export function blockLines(value: unknown, { isIndented = true, comment }: BlockStyle = {}): string[] {
  const document = new Document(wellFormed(value), schema);
  if (comment !== undefined && isMap(document.contents)) {
    const [field] = document.contents.items;
    const content = document.contents.items.find(pair => isMap(pair.value))?.value;
    if (isMap(content)) content.commentBefore = comment;
    else if (isScalar(field?.key)) field.key.commentBefore = comment;
  }
  visit(document, {
    Scalar: (_, node) => {
      if (typeof node.value === 'string' && mustBeQuoted.test(node.value)) node.type = 'QUOTE_DOUBLE';
    },
  });
  const text = document.toString({ lineWidth: 0, blockQuote: false, indentSeq: isIndented });
  return text.replace(notOneLine, escaped).trimEnd().split('\n');
}

type BlockStyle = {
  /** Whether lists within are indented further than their key. */
  readonly isIndented?: boolean;
  readonly comment?: string | undefined;
};

/** How the flow style goes on in a new line. */
export type FlowLines = { readonly unit: string; readonly from: string; readonly eol: string };

/** A value in JSON, which is YAML's flow style too. @param lines undefined for one line */
export function flowText(value: unknown, lines?: FlowLines): string {
  const text = JSON.stringify(wellFormed(value), undefined, lines?.unit ?? 1).replace(notOneLine, escaped);
  return lines === undefined
    ? text.replace(/\n\s*/g, ' ')
    : text.replaceAll('\n', `${lines.eol}${lines.from}`);
}

/** What stands before the next thing in flow style, when the thing before it begins at an offset. */
export function flowGap(text: string, at: number, eol: string): { text: string; lines?: FlowLines } {
  const start = text.lastIndexOf('\n', at - 1) + 1;
  const from = text.slice(start, at);
  if (start === 0 || !/^[ \t]+$/.test(from)) return { text: ' ' };
  const [, unit = '  '] = /\n([ \t]+)/.exec(text) ?? [];
  return { text: `${eol}${from}`, lines: { unit, from, eol } };
}

// Line ends of YAML 1.1, and what YAML counts as not printable.
const notOneLine = /[\u007f-\u009f\u2028\u2029\ufeff]/g;
const mustBeQuoted = /[\t\u007f-\u009f\u2028\u2029\ufeff]|^=$/;
const escaped = (sign: string) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`;

/** A text in block style, quoted where it must be. */
export function scalarText(value: unknown): string {
  return blockLines(value)[0] ?? '""';
}

export function wellFormed(value: unknown): unknown {
  if (typeof value === 'string') return value.toWellFormed();
  if (Array.isArray(value)) return value.map(wellFormed);
  if (!isFields(value)) return value;
  return Object.fromEntries(
    Object.entries(value as Fields).map(([key, part]) => [key.toWellFormed(), wellFormed(part)]),
  );
}
