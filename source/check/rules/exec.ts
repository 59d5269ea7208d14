import path from 'node:path';
import type { Finding } from '../finding.ts';
import { commandKey, isBare, type Landscape, type User } from '../landscape.ts';
import { finding, quoted, userSubject } from './rule.ts';

const weaknessWords = {
  everybody: 'can be written by everybody',
  group: 'can be written by its group',
  owner: 'belongs to another user',
} as const;

type Described = Pick<Finding, 'file' | 'line' | 'subject'>;

/** Where the plugin of each user is, and who could put another in its place. */
export function execCommands({ users, machine }: Landscape): Finding[] {
  return users.flatMap(user => {
    const { file, entry, exec } = user;
    if (exec === undefined) return [];
    const { command } = exec;
    const place = { file, line: entry.lineOf('exec', 'command'), subject: userSubject(user) };
    const facts = machine.commands.get(commandKey(file, command));
    const findings = relative(command, place);
    if (facts?.file === undefined) {
      const message = `The plugin ${quoted(command)} of the ${userSubject(user)} ${isBare(command) ? 'is not in PATH' : 'is not there, or cannot be run'}.`;
      findings.push(finding('EXEC_MISSING', { ...place, message }));
    }
    if (facts?.weakness !== undefined) {
      const { path: weak, who } = facts.weakness;
      const message = `The plugin ${quoted(command)} of the ${userSubject(user)} can be replaced: ${quoted(weak)} ${weaknessWords[who]}.`;
      // Many systems have one person in a group.
      const severity = who === 'group' ? 'warning' : 'error';
      findings.push(finding('EXEC_WRITABLE', { ...place, message, severity }));
    }
    return findings;
  });
}

function relative(command: string, place: Described): Finding[] {
  if (path.isAbsolute(command)) return [];
  if (!isBare(command)) {
    const message = `The plugin ${quoted(command)} of the ${place.subject} is named by a path relative to the kubeconfig.`;
    return [finding('EXEC_RELATIVE', { ...place, message })];
  }
  // Usual, and what most platforms hand out.
  const message = `The plugin ${quoted(command)} of the ${place.subject} is looked up in PATH, which differs between programs.`;
  return [finding('EXEC_RELATIVE', { ...place, message, severity: 'note' })];
}

/** Our own entries whose binding cannot hold, because kubectl does not say which cluster it means. */
export function missingClusterInfo({ users }: Landscape): Finding[] {
  return users.flatMap(user => {
    if (user.plugin?.kind !== 'dkp-auth' || saysCluster(user)) return [];
    return finding('NO_CLUSTER_INFO', {
      file: user.file,
      line: user.entry.lineOf('exec', 'provideClusterInfo'),
      subject: userSubject(user),
      message: `The ${userSubject(user)} has no provideClusterInfo: true.`,
      fix: 'Set it; dkp-auth check --fix does.',
    });
  });
}

function saysCluster({ entry }: User): boolean {
  const exec = entry.content['exec'] as { provideClusterInfo?: unknown };
  return exec.provideClusterInfo === true;
}
