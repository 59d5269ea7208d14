import type { Finding } from './finding.ts';
import { countFindings } from './report-text.ts';

/** What `--json` prints of a run. */
export function findingsDocument(files: readonly string[], findings: readonly Finding[]) {
  return {
    files,
    counts: countFindings(findings),
    findings: findings.map(
      ({ code, severity, file, line, subject, message, risk, fix, command, related }) => ({
        code,
        severity,
        file,
        line,
        subject,
        message,
        risk,
        fix,
        command: command ?? null,
        related: related.map(each => ({ file: each.file, line: each.line, what: each.what })),
      }),
    ),
  };
}
