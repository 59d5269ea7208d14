import path from 'node:path';
import { shellQuote } from '../../login/summary.ts';
import type { FindingCode } from '../catalogue.ts';
import type { Finding } from '../finding.ts';
import { type CommandFacts, commandKey, isBare, type Landscape, type User } from '../landscape.ts';
import type { Exec } from '../plugin.ts';
import { finding, quoted, userSubject } from './rule.ts';

const weaknessWords = {
  everybody: 'can be written by everybody',
  group: 'can be written by its group',
  owner: 'belongs to another user',
} as const;

type Fault = Partial<Pick<Finding, 'severity'>> & {
  readonly code: FindingCode;
  readonly message: string;
};

/** Where the plugin of each user is, and who could put another in its place. */
export function execCommands({ users, machine }: Landscape): Finding[] {
  return users.flatMap(user => {
    const { file, entry, exec } = user;
    if (exec === undefined) return [];
    const facts = machine.commands.get(commandKey(file, exec.command));
    const faults = faultsOf(exec.command, facts, userSubject(user));
    if (isCommandLine(exec)) {
      const message = `The ${userSubject(user)} has ${quoted(exec.command)} run a command line.`;
      faults.push({ code: 'EXEC_SHELL', message });
    }
    if (faults.length === 0) return [];
    const line = entry.lineOf('exec', 'command');
    return faults.map(({ code, ...fault }) =>
      finding(code, { file, line, subject: userSubject(user), ...fault }),
    );
  });
}

const interpreter =
  /^(?:sh|bash|dash|zsh|ksh|fish|busybox|cmd|powershell|pwsh|python[\d.]*|perl|ruby|node|osascript)(?:\.exe)?$/i;
const inlineFlag = /^(?:-[a-z]*[ce]|--eval|\/c|-command|-encodedcommand)$/i;

function isCommandLine({ command, args }: Exec): boolean {
  const name = command.split(/[/\\]/).at(-1) ?? '';
  return interpreter.test(name) && args.some(argument => inlineFlag.test(argument));
}

function faultsOf(command: string, facts: CommandFacts | undefined, subject: string): Fault[] {
  const faults: Fault[] = [];
  const plugin = `The plugin ${quoted(command)} of the ${subject}`;
  if (!path.isAbsolute(command)) {
    faults.push(
      isBare(command)
        ? // Usual, and what most platforms hand out.
          {
            code: 'EXEC_RELATIVE',
            severity: 'note',
            message: `${plugin} is looked up in PATH, which differs between programs.`,
          }
        : { code: 'EXEC_RELATIVE', message: `${plugin} is named by a path relative to the kubeconfig.` },
    );
  }
  if (facts?.file === undefined) {
    const how = isBare(command) ? 'is not in PATH' : 'is not there, or cannot be run';
    faults.push({ code: 'EXEC_MISSING', message: `${plugin} ${how}.` });
  }
  if (facts?.weakness !== undefined) {
    const { path: weak, who } = facts.weakness;
    faults.push({
      code: 'EXEC_WRITABLE',
      message: `${plugin} can be replaced: ${quoted(weak)} ${weaknessWords[who]}.`,
      // Many systems have one person in a group.
      severity: who === 'group' ? 'warning' : 'error',
    });
  }
  return faults;
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
      command: `dkp-auth check --fix ${shellQuote(user.file)}`,
    });
  });
}

function saysCluster({ entry }: User): boolean {
  const exec = entry.content['exec'] as { provideClusterInfo?: unknown };
  return exec.provideClusterInfo === true;
}
