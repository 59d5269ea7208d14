import type { FindingCode } from './catalogue.ts';

/** `error`: a credential can reach whom it is not for, or nothing works; `warning`: it is one mistake away; `note`: good to know. */
export type Severity = 'error' | 'warning' | 'note';
export const severities: readonly Severity[] = ['error', 'warning', 'note'];

export type Place = {
  readonly file: string;
  /** From 1. */
  readonly line: number;
};

/** A fault of the files that were looked at. No text of it holds a secret; all are plain text. */
export type Finding = Place & {
  readonly code: FindingCode;
  readonly severity: Severity;
  /** What it is about, e.g. `user "prod"`: with code and file it tells one finding from another, whatever the lines. */
  readonly subject: string;
  /** What is wrong, in one or two sentences. */
  readonly message: string;
  /** What an attacker or a mistake makes of it. */
  readonly risk: string;
  readonly fix: string;
  /** Mends it, typed as it stands. */
  readonly command?: string | undefined;
  readonly related: readonly (Place & { readonly what: string })[];
};

/** What makes `check` end with exit code 1. */
export function counts({ severity }: Pick<Finding, 'severity'>): boolean {
  return severity !== 'note';
}

/** Worst first; then in the order of the file. */
export function compareFindings(one: Finding, other: Finding): number {
  return (
    severities.indexOf(one.severity) - severities.indexOf(other.severity) ||
    one.line - other.line ||
    compareTexts(one.code, other.code) ||
    compareTexts(one.subject, other.subject)
  );
}

function compareTexts(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}
