import type { Environment } from '../system/paths.ts';
import { localTime } from '../time-text.ts';
import { describeFile } from './describe-file.ts';
import { describeIsolation } from './isolation.ts';
import type { Choice } from './options.ts';
import type { Plan } from './plan.ts';
import type { LoginOutcome, ProfileOutcome } from './run.ts';
import { nextCommands, quotePath, repeatCommand } from './summary.ts';

/** What was done and what to do next, as plain text: commands stand alone on their lines, to be copied whole. */
export function formatSummary(outcome: LoginOutcome, env: Environment): string {
  const { options, plan, profiles } = outcome;
  const commands = nextCommands(plan, options, env);
  return [
    'Done.',
    ...profiles.map(profile => `  ${describeProfile(profile)}`),
    ...isolationLines(options.choices),
    '',
    'Written:',
    ...plan.files.map(file => `  ${describeFile(file, env)}`),
    ...backupLines(outcome, env),
    '',
    'Try it:',
    commands.try,
    '',
    ...(commands.switch.length === 0
      ? []
      : [
          plan.profiles.length > 1 || commands.switch.length > 1
            ? 'Go to another cluster:'
            : 'Use it for every kubectl in this shell:',
          commands.use,
          'or, by kubectl alone:',
          ...commands.switch,
          '',
        ]),
    'The same again without questions:',
    repeatCommand(options),
    '',
  ].join('\n');
}

function isolationLines(choices: readonly Choice[]): string[] {
  const sentence = describeIsolation(choices);
  return sentence === undefined ? [] : ['', sentence];
}

function describeProfile({ profile, token, failure }: ProfileOutcome): string {
  const name = `${profile.name} -> ${profile.cluster.name} (${profile.cluster.server})`;
  if (token !== undefined)
    return `${name}: signed in as ${token.account.label} until ${localTime(token.expiresAt)}`;
  // A page's token is pasted by a person, so nothing can be asked while kubectl waits.
  const later = profile.signIn === 'page' ? 'tells the command to sign in with' : 'asks you to sign in';
  const why = failure === undefined ? '' : `not signed in: ${failure.message} `;
  return `${name}: ${why}kubectl's first call ${later}`;
}

function backupLines({ written }: LoginOutcome, env: Environment): string[] {
  const copied = written.filter(({ backup }) => backup !== undefined);
  const commands = copied.map(({ path }) => `dkp-auth undo ${quotePath(path, env)}`);
  return copied.length === 0 ? [] : ['', 'As it was before is kept beside it; to have it back:', ...commands];
}

export function formatPlan(plan: Plan, env: Environment): string {
  const isChanged = plan.files.some(({ isUnchanged }) => !isUnchanged);
  return [
    isChanged ? 'Nothing was changed. This would be written:' : 'Nothing would change:',
    ...plan.files.map(file => `  ${describeFile(file, env)}`),
    'With these profiles:',
    ...plan.profiles.map(({ name, cluster }) => `  ${name} -> ${cluster.name} (${cluster.server})`),
    '',
    ...plan.files.map(file => file.diff()).filter(diff => diff !== ''),
  ].join('\n');
}
