import { parseArgs } from 'node:util';
import { assertBound } from '../credentials/binding.ts';
import { type Credential, readCredential } from '../credentials/credential.ts';
import { type ExecInfo, formatExecCredential, parseExecInfo } from '../credentials/exec-credential.ts';
import { UserError } from '../errors.ts';
import type { Profile } from '../profiles/profile.ts';
import { parseProfileName } from '../profiles/profile-name.ts';
import { listProfileNames, readProfile } from '../profiles/registry.ts';
import { debug } from '../system/debug.ts';
import { type Paths, pathsOf } from '../system/paths.ts';
import { canAsk, type Streams, write } from '../system/streams.ts';

/** A token this close to its end is not handed out any more: the request it is for must still arrive. Seconds. */
const marginSeconds = 30;

/**
 * The kubectl credential plugin: an ExecCredential on stdout or nothing, everything else on stderr. Standard input
 * belongs to kubectl (`apply -f -`) and is never read.
 */
export async function token(args: readonly string[], streams: Streams, signal: AbortSignal): Promise<void> {
  const name = parseProfileName(profileArgument(args));
  const info = parseExecInfo(streams.env['KUBERNETES_EXEC_INFO']);
  const paths = pathsOf(streams.env);
  const profile = (await readProfile(paths, name)) ?? (await unknownProfile(paths, name));
  assertBound(profile, info);
  const kept = await usableCredential(paths, profile);
  debug('token', { profile: name, kept: kept !== undefined, interactive: info?.interactive });
  const credential = kept ?? (await obtain(profile, info, paths, streams, signal));
  await write(streams.stdout, `${formatExecCredential(credential, info?.apiVersion)}\n`);
}

function profileArgument(args: readonly string[]): string {
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

/** The cached credential, if it is this profile's own and good for a while yet. */
async function usableCredential(paths: Paths, profile: Profile): Promise<Credential | undefined> {
  const credential = await readCredential(paths, profile.name);
  if (credential === undefined) return undefined;
  const belongs =
    credential.server === profile.cluster.server &&
    credential.issuer === profile.issuer &&
    (profile.account === undefined || credential.subject === profile.account.subject);
  return belongs && credential.expiresAt - marginSeconds > Date.now() / 1000 ? credential : undefined;
}

async function obtain(
  profile: Profile,
  info: ExecInfo | undefined,
  paths: Paths,
  streams: Streams,
  signal: AbortSignal,
): Promise<Credential> {
  const maySignIn = info === undefined ? canAsk(streams) : info.interactive;
  const { obtainForKubectl } = await import('../login/repeat.ts');
  const { withSettings } = await import('../settings/resolve.ts');
  return obtainForKubectl(profile, maySignIn, { paths, streams: await withSettings(streams, paths), signal });
}
