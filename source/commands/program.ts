import { Command, CommanderError } from 'commander';
import { UserError } from '../errors.ts';
import type { Streams } from '../system/streams.ts';
import { version } from '../version.ts';
import { addAdmin } from './define/admin.ts';
import { addCheck } from './define/check.ts';
import { addCompletion } from './define/completion.ts';
import { addConfig } from './define/config.ts';
import { addDemo } from './define/demo.ts';
import { addDoctor } from './define/doctor.ts';
import { addLogin } from './define/login.ts';
import { addLogout } from './define/logout.ts';
import { addProfiles } from './define/profiles.ts';
import { addRenew } from './define/renew.ts';
import { addStatus } from './define/status.ts';
import { addToken } from './define/token.ts';
import { addUndo } from './define/undo.ts';
import { addUse } from './define/use.ts';

const examples = `
Examples:
  dkp-auth                                        the wizard: from your login link to a working kubectl
  dkp-auth login https://dkp.example.com/token/landing/
  dkp-auth login LINK --idp ldap --cluster prod --method 2 --profile prod

Exit codes: 0 done, 1 failed, 2 wrong usage, 3 a login is needed, 4 refused, 130 cancelled.`;

/** Every command and its flags; a command's own code is loaded when it is wanted. */
export function defineProgram(streams: Streams, signal: AbortSignal): Command {
  const program = new Command('dkp-auth')
    .description(
      'Access to Kubernetes clusters of a D2iQ / Nutanix Kubernetes Platform through its identity provider.',
    )
    .version(version)
    // Taken out of the arguments by main.ts, wherever they stand; here for --help and completion.
    .option('--debug', 'tell on stderr what happens, with times; secrets are masked')
    .option('--debug-file <file>', 'the same, into a file')
    .addHelpText('after', examples)
    // A command's own --plain is that command's.
    .enablePositionalOptions()
    .exitOverride()
    .configureOutput({
      writeOut: text => void streams.stdout.write(text),
      writeErr: () => undefined,
    });
  addLogin(program, streams, signal);
  addToken(program, streams, signal);
  addStatus(program, streams, signal);
  addLogout(program, streams, signal);
  addDoctor(program, streams, signal);
  addConfig(program, streams, signal);
  addCompletion(program, streams);
  addProfiles(program, streams, signal);
  addRenew(program, streams, signal);
  addUse(program, streams, signal);
  addCheck(program, streams, signal);
  addUndo(program, streams, signal);
  addDemo(program, streams, signal);
  addAdmin(program, streams, signal);
  program
    .option('--plain', 'ask line by line through stdin and stdout, without drawing')
    .option('--screen-reader', 'speak to a screen reader; also a setting, "screenReader": true')
    .action(async (flags: object) => {
      const { login } = await import('./login.ts');
      await login(undefined, flags, streams, signal);
    });
  return program;
}

/** Runs the command that the arguments name. */
export async function runProgram(
  args: readonly string[],
  streams: Streams,
  signal: AbortSignal,
): Promise<void> {
  const program = defineProgram(streams, signal);
  try {
    await program.parseAsync([...args], { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return;
    throw new UserError('USAGE', sentence(error.message), { hint: 'See dkp-auth --help.' });
  }
}

function sentence(message: string): string {
  const text = message.replace(/^error: /, '').replaceAll('\n', ' ');
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}${/[.?!)]$/.test(text) ? '' : '.'}`;
}
