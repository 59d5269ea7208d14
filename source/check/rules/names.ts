import { isDeepStrictEqual } from 'node:util';
import type { Entry, Kubeconfig } from '../../kubeconfig/read.ts';
import { fieldOf } from '../../kubeconfig/section.ts';
import type { Finding } from '../finding.ts';
import type { JoinedSet, Landscape } from '../landscape.ts';
import { finding, quoted } from './rule.ts';

/** Names that kubectl would take from another file than the one they stand in, with another meaning. */
export function shadowedNames({ sets }: Landscape): Finding[] {
  return sets.flatMap(set => shadowedIn(set));
}

type Defined = { readonly file: Kubeconfig; readonly entry: Entry };

function shadowedIn({ files, isInUse }: JoinedSet): Finding[] {
  const findings: Finding[] = [];
  const first = new Map<string, Defined>();
  for (const file of files) {
    for (const entry of file.entries) {
      const key = `${entry.section} ${entry.name}`;
      const winner = first.get(key);
      if (winner === undefined) first.set(key, { file, entry });
      else if (winner.file !== file && !isDeepStrictEqual(winner.entry.content, entry.content)) {
        findings.push(shadowed({ file, entry }, winner, isInUse));
      }
    }
  }
  return findings;
}

function shadowed({ file, entry }: Defined, winner: Defined, isInUse: boolean): Finding {
  const kind = fieldOf[entry.section];
  const effect = isInUse ? 'kubectl takes' : 'joined in KUBECONFIG, kubectl would take';
  return finding('SHADOWED_NAME', {
    file: file.path,
    line: entry.line,
    subject: `${kind} ${quoted(entry.name)}`,
    message: `The ${kind} ${quoted(entry.name)} is also defined in ${quoted(winner.file.path)}, otherwise; ${effect} that one.`,
    // A wrong user or cluster sends a credential to the wrong place; a wrong context is seen.
    severity: entry.section === 'contexts' || !isInUse ? 'warning' : 'error',
    related: [{ file: winner.file.path, line: winner.entry.line, what: `the ${kind} that is taken` }],
  });
}

/** client-go refuses to convert a list in which a name repeats. */
export function duplicateNames(landscape: Landscape): Finding[] {
  return landscape.sets
    .flatMap(({ files }) => files)
    .flatMap(({ path, entries }) => {
      const first = new Map<string, Entry>();
      return entries.flatMap(entry => {
        const key = `${entry.section} ${entry.name}`;
        const before = first.get(key);
        if (before === undefined) {
          first.set(key, entry);
          return [];
        }
        const kind = fieldOf[entry.section];
        return finding('DUPLICATE_NAME', {
          file: path,
          line: entry.line,
          subject: `${kind} ${quoted(entry.name)}`,
          message: `The ${kind} ${quoted(entry.name)} is defined a second time in this file.`,
          related: [{ file: path, line: before.line, what: 'the first one' }],
        });
      });
    });
}

/**
 * In the files that kubectl joins, the first current-context counts and may name a context of any of them. Files that were
 * only named to this program may be used alone or together: there each has to name a context that is somewhere.
 */
export function missingContexts({ sets }: Landscape): Finding[] {
  return sets.flatMap(({ files, isInUse }) => {
    const contexts = new Set(
      files.flatMap(({ entries }) =>
        entries.filter(({ section }) => section === 'contexts').map(({ name }) => name),
      ),
    );
    const setting = files.filter(({ currentContext }) => currentContext !== undefined);
    return (isInUse ? setting.slice(0, 1) : setting).flatMap(({ path, currentContext }) => {
      if (currentContext === undefined || contexts.has(currentContext.name)) return [];
      return finding('NO_SUCH_CONTEXT', {
        file: path,
        line: currentContext.line,
        subject: `current-context ${quoted(currentContext.name)}`,
        message: `The current context ${quoted(currentContext.name)} does not exist.`,
        command: 'kubectl config get-contexts',
      });
    });
  });
}
