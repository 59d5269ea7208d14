import { stripVTControlCharacters } from 'node:util';

// Bidirectional controls, zero-width characters and line separators reorder or hide text without being control characters.
const invisible = /[\p{Cc}\p{Cf}\p{Co}\p{Cs}\u2028\u2029\u115F\u1160\u3164\uFFA0]/gu;

// Looking for escape sequences takes the square of the length in the worst case.
const longestSearched = 4000;

/**
 * Text from outside (a server, a file, the environment) made safe to print on one line of a terminal:
 * no escape sequences, control, format or bidirectional characters, at most `maxLength` code points.
 */
export function plainText(text: string, maxLength = 200): string {
  const cleaned = withoutControls(
    text.slice(0, longestSearched + maxLength).replace(/[\t\n\r]+/g, ' '),
  ).trim();
  const points = [...cleaned];
  return points.length > maxLength ? `${points.slice(0, maxLength - 1).join('')}…` : cleaned;
}

function withoutControls(text: string): string {
  return stripVTControlCharacters(text).replace(invisible, '');
}

/** As `plainText`, for a text of several lines, whose ends and indentation stay. */
export function plainLines(text: string): string {
  return text
    .split(/\r?\n/)
    .map(line => withoutControls(line.slice(0, longestSearched)))
    .join('\n');
}

/** Joined by commas, and no longer than a person would read. */
export function shortList(items: readonly string[], most = 50): string {
  const shown = items.slice(0, most).join(', ');
  return items.length > most ? `${shown} and ${items.length - most} more` : shown;
}
