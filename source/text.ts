import { stripVTControlCharacters } from 'node:util';

// Bidirectional controls, zero-width characters and line separators reorder or hide text without being control characters.
const invisible = /[\p{Cc}\p{Cf}\p{Co}\p{Cs}\u2028\u2029\u115F\u1160\u3164\uFFA0]/gu;

/**
 * Text from outside (a server, a file, the environment) made safe to print on one line of a terminal:
 * no escape sequences, control, format or bidirectional characters, at most `maxLength` code points.
 */
export function plainText(text: string, maxLength = 200): string {
  const cleaned = stripVTControlCharacters(text)
    .replace(/[\t\n\r]+/g, ' ')
    .replace(invisible, '')
    .trim();
  const points = [...cleaned];
  return points.length > maxLength ? `${points.slice(0, maxLength - 1).join('')}…` : cleaned;
}
