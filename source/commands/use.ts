import path from 'node:path';
import { cancelled, UserError } from '../errors.ts';
import type { Switch } from '../kubeconfig/switch.ts';
import type { Profile } from '../profiles/profile.ts';
import { isProfileName } from '../profiles/profile-name.ts';
import { listProfileNames, listProfiles, readProfile } from '../profiles/registry.ts';
import { parentArguments } from '../system/parent-process.ts';
import { type Environment, type Paths, pathsOf, tildePath } from '../system/paths.ts';
import { evaluated, exportLine, findShell, parseShell, type Shell } from '../system/shell.ts';
import { canAsk, type Streams, write } from '../system/streams.ts';
import { applyColorChoice, describeTerminal } from '../system/terminal.ts';
import { plainText, shortList } from '../text.ts';

export type UseFlags = { readonly shell?: string; readonly json?: boolean };

/**
 * Prints what a shell has to read so that kubectl uses a profile there, and sets `current-context` where that is the way.
 * @throws UserError UNKNOWN_PROFILE, MISSING_ANSWERS, KUBECONFIG_INVALID, CANCELLED
 */
export async function use(
  name: string | undefined,
  flags: UseFlags,
  streams: Streams,
  signal: AbortSignal,
): Promise<void> {
  const { env, stdout, stderr } = streams;
  const shell =
    flags.shell === undefined
      ? findShell(env, await parentArguments())
      : parseShell(flags.shell.toLowerCase());
  const paths = pathsOf(env);
  const profile = await findProfile(name ?? (await pick(paths, flags, streams, signal)), paths);
  signal.throwIfAborted();
  const { planSwitch } = await loadSwitch();
  const plan = (await planSwitch(profile, env)) ?? (await nowhere(profile));
  if (plan.variable?.includes(path.delimiter)) {
    throw new UserError(
      'USAGE',
      `KUBECONFIG cannot hold ${plan.variable}: "${path.delimiter}" separates files there.`,
      {
        hint: `Use kubectl --kubeconfig=..., or move the file and log in again with --output.`,
      },
    );
  }
  if (plan.edit !== undefined) await setCurrentContext(plan.edit, plan.context, streams, signal);
  const code = plan.variable === undefined ? '' : exportLine(shell, 'KUBECONFIG', plan.variable);
  if (flags.json) {
    await write(stdout, `${JSON.stringify(documentOf(profile, plan, shell, code), undefined, 2)}\n`);
    return;
  }
  await write(stderr, told(profile, plan, env));
  if (code !== '' && stdout.isTTY) {
    const command = evaluated(shell, `dkp-auth use ${profile.name}`);
    await write(stderr, `This alone changes nothing in your shell (${shell.name}). Type: ${command}\n`);
  }
  if (code !== '') await write(stdout, `${code}\n`);
}

/** Apart from what shows the list, which a person waits for. */
const loadSwitch = () => import('../kubeconfig/switch.ts');

/** Reads this one alone, of thousands perhaps. */
async function findProfile(name: string, paths: Paths): Promise<Profile> {
  const profile = isProfileName(name) ? await readProfile(paths, name) : undefined;
  if (profile !== undefined) return profile;
  const known = await listProfileNames(paths);
  throw new UserError('UNKNOWN_PROFILE', `There is no profile "${plainText(name, 80)}" on this machine.`, {
    hint: known.length === 0 ? 'Run dkp-auth login first.' : `Known: ${shortList(known)}.`,
  });
}

async function pick(paths: Paths, flags: UseFlags, streams: Streams, signal: AbortSignal): Promise<string> {
  const { env, early } = streams;
  const profiles = await listProfiles(paths);
  if (profiles.length === 0) {
    throw new UserError('UNKNOWN_PROFILE', 'There is no profile on this machine yet.', {
      hint: 'Run dkp-auth login first.',
    });
  }
  if (flags.json || !canAsk(streams) || env['TERM'] === 'dumb') {
    throw new UserError('MISSING_ANSWERS', 'Which profile to use is not said.', {
      hint: `Usage: dkp-auth use NAME, with NAME one of: ${shortList(profiles.map(({ name }) => name))}.`,
    });
  }
  // Before Ink is loaded, which looks at the environment once.
  applyColorChoice(describeTerminal(env, streams).color);
  const { pickProfile } = await import('../wizard/pick-profile.tsx');
  await early?.ready();
  signal.throwIfAborted();
  // After a signal the picker never says that it is over.
  const picked = await Promise.race([pickProfile(profiles, streams), rejectsWhenAborted(signal)]);
  if (picked === undefined) throw cancelled();
  return picked;
}

function rejectsWhenAborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}

async function nowhere(profile: Profile): Promise<never> {
  const { repeatLogin } = await import('../login/repeat-command.ts');
  const files = profile.kubeconfigs.length === 0 ? 'none' : shortList(profile.kubeconfigs, 5);
  throw new UserError(
    'KUBECONFIG_INVALID',
    `No kubeconfig holds a context of the profile "${profile.name}" any more. It was written to: ${files}.`,
    { hint: `To write one again: ${repeatLogin(profile)}` },
  );
}

async function setCurrentContext(
  file: string,
  context: string,
  { env, stderr }: Streams,
  signal: AbortSignal,
): Promise<void> {
  const [{ edit }, { changeKubeconfigs }] = await Promise.all([
    import('../kubeconfig/edit.ts'),
    import('../kubeconfig/write.ts'),
  ]);
  const onNotice = (notice: string) => void stderr.write(`${notice}\n`);
  await changeKubeconfigs(
    [file],
    layouts => layouts.map(layout => edit(layout, [{ kind: 'current-context', name: context }])),
    { paths: pathsOf(env), signal, onNotice, isTrifle: true },
  );
}

function told(
  { name, cluster }: Profile,
  { file, context, edit, variable }: Switch,
  env: Environment,
): string {
  const done = [
    ...(edit === undefined ? [] : [`the current context in ${tildePath(edit, env)} is now ${context}`]),
    ...(variable === undefined ? [] : [`KUBECONFIG is ${tildePath(file, env)}`]),
  ];
  const what = done.length === 0 ? `it is in use already (context ${context})` : done.join(', ');
  return `${plainText(`${name} (${cluster.name}): ${what}`, 1000)}.\n`;
}

function documentOf({ name, cluster }: Profile, plan: Switch, shell: Shell, code: string) {
  return {
    profile: name,
    cluster: cluster.name,
    server: cluster.server,
    kubeconfig: plan.file,
    context: plan.context,
    /** The file whose current-context was changed. */
    changed: plan.edit ?? null,
    environment: plan.variable === undefined ? {} : { KUBECONFIG: plan.variable },
    shell: shell.name,
    code,
  };
}
