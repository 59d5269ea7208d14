import { plainText } from '../text.ts';
import { type Finding, type Severity, severities } from './finding.ts';

const width = 80;

/** Every file with what was found in it, the worst file and the worst finding first; each begins with a place to click on. */
export function formatFindings(findings: readonly Finding[]): string {
  const files = [...Map.groupBy(findings, ({ file }) => file)].sort(
    ([, [one]], [, [other]]) => rankOf(one) - rankOf(other),
  );
  return files.map(([, found]) => found.map(formatFinding).join('\n')).join('\n');
}

function rankOf(finding: Finding | undefined): number {
  return finding === undefined ? severities.length : severities.indexOf(finding.severity);
}

function formatFinding({
  file,
  line,
  severity,
  code,
  message,
  risk,
  fix,
  command,
  related,
}: Finding): string {
  return [
    `${plainText(file, 4000)}:${line}: ${severity} ${code}`,
    ...wrap(message),
    ...wrap(`Risk: ${risk}`),
    ...wrap(`Fix: ${fix}`),
    // Whole, so that it can be copied.
    ...(command === undefined ? [] : [`      ${plainText(command, 4000)}`]),
    ...related.map(each => `  See ${plainText(each.file, 4000)}:${each.line}: ${each.what}`),
    '',
  ].join('\n');
}

/** Words in lines of at most 80 columns, indented; a longer word gets a line of its own. */
function wrap(text: string): string[] {
  const lines: string[] = [];
  let line = ' ';
  for (const word of text.split(' ')) {
    if (line.trim() !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = '   ';
    }
    line += ` ${word}`;
  }
  return [...lines, line];
}

export type Counts = Readonly<Record<Severity, number>>;

export function countFindings(findings: readonly Pick<Finding, 'severity'>[]): Counts {
  const count = (severity: Severity) => findings.filter(finding => finding.severity === severity).length;
  return { error: count('error'), warning: count('warning'), note: count('note') };
}

/** `2 errors, 1 warning and 3 notes`. */
export function formatCounts(counts: Counts): string {
  const parts = severities
    .filter(severity => counts[severity] > 0)
    .map(severity => `${counts[severity]} ${severity}${counts[severity] === 1 ? '' : 's'}`);
  if (parts.length < 2) return parts[0] ?? 'nothing';
  return `${parts.slice(0, -1).join(', ')} and ${parts.at(-1)}`;
}
