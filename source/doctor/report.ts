import { version } from '../version.ts';
import type { FindingGroup, Verdict } from './check.ts';

/** What `dkp-auth doctor --json` prints. */
export type DoctorDocument = {
  readonly version: string;
  readonly system: string;
  readonly node: string;
  /** ISO 8601, this machine's clock. */
  readonly checkedAt: string;
  readonly counts: Readonly<Record<'ok' | 'warnings' | 'faults' | 'notReached', number>>;
  readonly groups: readonly {
    readonly title: string;
    readonly checks: readonly {
      readonly id: string;
      readonly verdict: Verdict;
      readonly seen: string;
      readonly todo: string | null;
      readonly ms: number;
    }[];
  }[];
};

export function reportDocument(groups: readonly FindingGroup[], now: Date): DoctorDocument {
  const all = groups.flatMap(({ findings }) => findings);
  const count = (verdict: Verdict) => all.filter(finding => finding.verdict === verdict).length;
  return {
    version,
    system: `${process.platform} ${process.arch}`,
    node: process.versions.node,
    checkedAt: now.toISOString(),
    counts: {
      ok: count('ok'),
      warnings: count('warning'),
      faults: count('fault'),
      notReached: count('not-reached'),
    },
    groups: groups.map(({ title, findings }) => ({
      title,
      checks: findings.map(({ id, verdict, seen, ms, ...rest }) => ({
        id,
        verdict,
        seen,
        todo: 'todo' in rest ? rest.todo : null,
        ms,
      })),
    })),
  };
}

const words: Record<Verdict, string> = { ok: 'ok', warning: 'warning', fault: 'FAULT', 'not-reached': '-' };

/** Plain text to paste into a ticket: no secret is in it, and `~` stands for the home directory. */
export function formatReport({
  version: own,
  system,
  node,
  checkedAt,
  groups,
  counts,
}: DoctorDocument): string {
  const lines = [`dkp-auth ${own}, ${system}, Node.js ${node}, ${checkedAt}`];
  for (const { title, checks } of groups) {
    lines.push('', title, ...checks.flatMap(formatCheck));
  }
  const { faults, warnings, ok, notReached } = counts;
  const few = (number: number, one: string) => `${number} ${one}${number === 1 ? '' : 's'}`;
  lines.push(
    '',
    `${few(faults, 'fault')}, ${few(warnings, 'warning')}, ${ok} ok${notReached === 0 ? '' : `, ${notReached} not reached`}.`,
    '',
  );
  return lines.join('\n');
}

function formatCheck({
  id,
  verdict,
  seen,
  todo,
}: DoctorDocument['groups'][number]['checks'][number]): string[] {
  const line = `  ${words[verdict].padEnd(8)} ${id.padEnd(14)} ${seen}`;
  return todo === null ? [line] : [line, `${' '.repeat(26)}${todo}`];
}
