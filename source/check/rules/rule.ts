import { plainText, shortList } from '../../text.ts';
import { catalogue, type FindingCode } from '../catalogue.ts';
import type { Finding } from '../finding.ts';
import type { Landscape, User } from '../landscape.ts';

/** Looks at one thing; knows the facts and nothing else. */
export type Check = (landscape: Landscape) => Finding[];

type Given = Pick<Finding, 'file' | 'line' | 'subject' | 'message'> &
  Partial<Pick<Finding, 'severity' | 'fix' | 'command' | 'related'>>;

/** A finding, completed by what its code says in general. */
export function finding(code: FindingCode, given: Given): Finding {
  const { severity, risk, fix } = catalogue[code];
  return { code, severity, risk, fix, related: [], ...given };
}

const longestName = 80;

export function quoted(name: string): string {
  return `"${plainText(name, longestName)}"`;
}

export function userSubject(user: User): string {
  return `user ${quoted(user.entry.name)}`;
}

/** Two or three things by name, more by number too. */
export function listed(items: readonly string[], most = 3): string {
  const shown = items.slice(0, items.length > most ? most - 1 : most).map(item => plainText(item, 200));
  const left = items.length - shown.length;
  if (left > 0) return `${shortList(shown)} and ${left} more`;
  return shown.length < 2 ? (shown[0] ?? '') : `${shown.slice(0, -1).join(', ')} and ${shown.at(-1)}`;
}
