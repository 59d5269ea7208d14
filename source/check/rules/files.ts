import path from 'node:path';
import { shellQuote } from '../../login/summary.ts';
import type { Access } from '../../system/inspect.ts';
import { modesAreKnown } from '../../system/inspect.ts';
import type { Finding, Place } from '../finding.ts';
import { filesOf, type Landscape } from '../landscape.ts';
import { finding, quoted, userSubject } from './rule.ts';

export function unreadableFiles({ unreadable }: Landscape): Finding[] {
  return unreadable.map(({ path, line, reason }) =>
    finding('FILE_UNREADABLE', { file: path, line, subject: 'file', message: reason }),
  );
}

/** A kubeconfig that never held anything is none of them. */
export function emptiedFiles(landscape: Landscape): Finding[] {
  return [...landscape.machine.emptied].map(([file, copy]) =>
    finding('FILE_EMPTIED', {
      ...{ file, line: 1, subject: 'file' },
      message: `It is empty, and was not after dkp-auth changed it. What it held before is in ${quoted(path.basename(copy))}.`,
      command: `dkp-auth undo ${shellQuote(file)}`,
    }),
  );
}

/** Kubeconfigs, and the token and key files that they name. */
export function looseModes(landscape: Landscape): Finding[] {
  if (!modesAreKnown) return [];
  const { machine, users } = landscape;
  const findings: Finding[] = [];
  const reported = new Set<string>();
  const look = (what: string, target: string, place: Place, subject: string) => {
    const access = machine.access.get(target);
    const fault = access && faultOf(access);
    if (access === undefined || fault === undefined || reported.has(target)) return;
    reported.add(target);
    findings.push(
      finding('LOOSE_MODE', {
        ...place,
        subject,
        severity: fault.severity,
        message: `${what} ${fault.text}.`,
        ...(access.owner !== 'another' && {
          fix: 'Take the permissions of others back; dkp-auth check --fix does.',
          command: `chmod go-rwx ${shellQuote(target)}`,
        }),
      }),
    );
  };
  for (const { path } of filesOf(landscape)) look('The kubeconfig', path, { file: path, line: 1 }, 'file');
  for (const path of machine.konvoyTokens.keys()) {
    look('The token file of the Konvoy plugin', path, { file: path, line: 1 }, 'file');
  }
  for (const user of users) {
    const { file, entry, tokenFile, keyFile } = user;
    const at = (field: string) => ({ file, line: entry.lineOf(field) });
    if (tokenFile !== undefined) {
      look(`The token file ${quoted(tokenFile)}`, tokenFile, at('tokenFile'), userSubject(user));
    }
    if (keyFile !== undefined) {
      look(`The key file ${quoted(keyFile)}`, keyFile, at('client-key'), userSubject(user));
    }
  }
  return findings;
}

function faultOf({ kind, mode, owner }: Access): { severity: 'error' | 'warning'; text: string } | undefined {
  if (kind !== 'file') return undefined;
  const octal = `mode ${mode.toString(8).padStart(3, '0')}`;
  if (owner === 'another') return { severity: 'error', text: 'belongs to another user' };
  if ((mode & 0o022) !== 0) return { severity: 'error', text: `can be written by others (${octal})` };
  if ((mode & 0o055) !== 0) return { severity: 'warning', text: `can be read by others (${octal})` };
  return undefined;
}
