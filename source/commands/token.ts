import { parseArgs } from 'node:util';
import { assertBound } from '../credentials/binding.ts';
import { isAskedAgain } from '../credentials/callers.ts';
import type { Credential } from '../credentials/credential.ts';
import { formatExecCredential } from '../credentials/exec-answer.ts';
import { parseExecInfo } from '../credentials/exec-credential.ts';
import { isDue, isUsable } from '../credentials/lifetime.ts';
import { easeNextCall } from '../credentials/next-call.ts';
import { storedCredential } from '../credentials/stored.ts';
import { UserError } from '../errors.ts';
import type { Profile } from '../profiles/profile.ts';
import { parseProfileName } from '../profiles/profile-name.ts';
import { listProfileNames, profileFile, readProfile } from '../profiles/registry.ts';
import { debug } from '../system/debug.ts';
import { modifiedAt } from '../system/files.ts';
import { type Paths, pathsOf } from '../system/paths.ts';
import { type Streams, write } from '../system/streams.ts';
import type { TokenCall } from './token-over.ts';

/**
 * The kubectl credential plugin: an ExecCredential on stdout or nothing, everything else on stderr. Standard input
 * belongs to kubectl (`apply -f -`) and is never read.
 */
export async function token(args: readonly string[], streams: Streams, signal: AbortSignal): Promise<void> {
  const name = parseProfileName(profileArgument(args));
  const execInfo = streams.env['KUBERNETES_EXEC_INFO'];
  const info = parseExecInfo(execInfo);
  const paths = pathsOf(streams.env);
  const profileWritten = await modifiedAt(profileFile(paths, name));
  const profile = (await readProfile(paths, name)) ?? (await unknownProfile(paths, name));
  assertBound(profile, info);
  const credential = await credentialFor(profile, { info, paths, streams, signal });
  await write(streams.stdout, `${formatExecCredential(credential, info?.apiVersion)}\n`);
  if (execInfo) await easeNextCall({ paths, profile, profileWritten, credential, execInfo });
  const now = Date.now() / 1000;
  if (credential.renewable && isDue(credential, now) && isUsable(credential, now)) {
    const { startRenewal } = await import('../credentials/background.ts');
    await startRenewal(profile, paths, streams.env);
  }
}

/** What is stored while it is good and nobody has reason to doubt it; all else is rare, and code of its own. */
async function credentialFor(profile: Profile, call: TokenCall): Promise<Credential> {
  const { info, paths } = call;
  const stored = await storedCredential(paths, profile);
  const now = Date.now() / 1000;
  debug('token', { profile: profile.name, kept: stored !== undefined, interactive: info?.interactive });
  if (stored === undefined || !isUsable(stored, now)) {
    const { obtainToken } = await import('./token-over.ts');
    return obtainToken(profile, call);
  }
  // A script may ask as often as it likes; kubectl asks again only after its server has said no.
  if (info === undefined || !isAskedAgain(paths, profile.name, process.ppid, now)) return stored;
  const { tokenForWhoAsksAgain } = await import('./token-again.ts');
  return tokenForWhoAsksAgain(profile, stored, call);
}

/** parseArgs takes the square of an argument's length; in characters. */
const longestArgument = 1000;

function profileArgument(args: readonly string[]): string {
  if (args.some(arg => arg.length > longestArgument)) throw usage('An argument is too long');
  try {
    const { values } = parseArgs({ args: [...args], options: { profile: { type: 'string' } } });
    if (values.profile !== undefined) return values.profile;
  } catch (error) {
    throw usage(error instanceof Error ? error.message.split('.')[0] : undefined);
  }
  throw usage('--profile NAME is missing');
}

function usage(fault = 'The arguments cannot be read'): UserError {
  return new UserError('USAGE', `${fault}.`, { hint: 'Usage: dkp-auth token --profile NAME' });
}

async function unknownProfile(paths: Paths, name: string): Promise<never> {
  const names = await listProfileNames(paths);
  throw new UserError('UNKNOWN_PROFILE', `There is no profile "${name}" on this machine.`, {
    hint:
      names.length === 0
        ? 'Run dkp-auth login first.'
        : `Known: ${names.join(', ')}. Run dkp-auth login for another.`,
  });
}
