import type { Command } from 'commander';

/** The manual page dkp-auth(1), out of the program's own definitions, so that it cannot tell of flags that are not there. */
export function manPage(program: Command, version: string): string {
  const lines = [
    `.TH DKP\\-AUTH 1 "" "dkp\\-auth ${roff(version)}" "User Commands"`,
    '.SH NAME',
    `dkp\\-auth \\- ${roff(firstLower(program.description()))}`,
    '.SH SYNOPSIS',
    '.B dkp\\-auth',
    '.RI [ command ]',
    '.RI [ options ]',
    '.SH DESCRIPTION',
    roff('Without a command it asks for the login link and leads to a working kubectl.'),
    '.SH OPTIONS',
    ...optionsOf(program),
    '.SH COMMANDS',
    ...leaves(program).flatMap(command => [
      `.SS ${roff(usageOf(command))}`,
      roff(sentence(command.description())),
      ...optionsOf(command),
    ]),
    '.SH EXIT STATUS',
    ...exitCodes.flatMap(([code, meaning]) => ['.TP', `.B ${code}`, roff(meaning)]),
    '.SH FILES',
    ...files.flatMap(([file, meaning]) => ['.TP', `.I ${roff(file)}`, roff(meaning)]),
    '.SH SEE ALSO',
    '.BR kubectl (1)',
  ];
  return `${lines.join('\n')}\n`;
}

const exitCodes = [
  ['0', 'done'],
  ['1', 'failed: the network, the platform, a file'],
  ['2', 'wrong usage, or answers are missing'],
  ['3', 'a login is needed and nobody can be asked'],
  ['4', 'refused: a name that is taken, another cluster, another account, a certificate that changed'],
  ['130', 'cancelled'],
] as const;

const files = [
  ['~/.config/dkp-auth/', 'settings and profiles (XDG_CONFIG_HOME, DKP_AUTH_CONFIG_DIR)'],
  ['~/.local/state/dkp-auth/', 'tokens (XDG_STATE_HOME, DKP_AUTH_STATE_DIR)'],
  ['~/.kube/dkp-auth/', 'kubeconfigs (DKP_AUTH_KUBECONFIG_DIR)'],
] as const;

const isHidden = (command: Command) => (command as Command & { _hidden?: boolean })._hidden === true;

function leaves(command: Command): Command[] {
  const below = command.commands.filter(each => !isHidden(each));
  return below.flatMap(each => (each.commands.length > 0 ? leaves(each) : [each]));
}

function usageOf(command: Command): string {
  const names: string[] = [];
  for (let each: Command | null = command; each !== null; each = each.parent) names.unshift(each.name());
  const args = command.registeredArguments.map(argument => {
    const name = `${argument.name()}${argument.variadic ? '...' : ''}`;
    return argument.required ? `<${name}>` : `[${name}]`;
  });
  return [...names, ...args].join(' ');
}

function optionsOf(command: Command): string[] {
  return command.options.flatMap(({ flags, description, hidden }) =>
    hidden ? [] : ['.TP', `.B ${roff(flags)}`, roff(sentence(description))],
  );
}

const firstLower = (text: string) => `${text.charAt(0).toLowerCase()}${text.slice(1)}`;
const sentence = (text: string) =>
  `${text.charAt(0).toUpperCase()}${text.slice(1)}${/[.?!]$/.test(text) ? '' : '.'}`;

/** roff takes a dot or quote at the beginning of a line for a request, a backslash for an escape and a hyphen for a dash. */
function roff(text: string): string {
  return text
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replace(/\s*\n\s*/g, ' ')
    .replace(/^([.'])/, '\\&$1');
}
