import { traceFile } from '../credentials/callers.ts';
import { type Credential, credentialStoredAt } from '../credentials/credential.ts';
import { readRejections, respond, writeRejections } from '../credentials/rejection.ts';
import { type RejectedToken, rejectionReason } from '../credentials/rejection-reason.ts';
import { toUserError } from '../errors.ts';
import { replaceToken } from '../login/kubectl-token.ts';
import { loginCommand } from '../profiles/login-needed.ts';
import { type Profile, renewsAlone } from '../profiles/profile.ts';
import { modifiedAt } from '../system/files.ts';
import { parentHasConnection, parentIdentity, startedAt } from '../system/parent.ts';
import type { Paths } from '../system/paths.ts';
import { write } from '../system/streams.ts';
import type { TokenCall } from './token-over.ts';

/**
 * The token for a program that was given one a moment ago and asks again: most likely its server rejects it.
 * There is always one: what is stored is good as far as anybody here can tell.
 */
export async function tokenForWhoAsksAgain(
  profile: Profile,
  stored: Credential,
  call: TokenCall,
): Promise<Credential> {
  const { paths, streams, signal } = call;
  const storedAt = await credentialStoredAt(paths, profile.name);
  if (storedAt === undefined || !(await hasComeBack(profile, paths, storedAt))) return stored;
  const told = (more?: string) =>
    write(streams.stderr, `${rejectedText(profile, { token: stored.token, storedAt }, more)}\n`);
  const rejections = await readRejections(paths, profile.name);
  const doubtful = { storedAt, renewable: renewsAlone(profile) };
  const { response, next } = respond(rejections, await parentIdentity(), doubtful, Date.now());
  try {
    // What is not remembered would be done again with each call.
    await writeRejections(paths, profile.name, next);
  } catch {
    return stored;
  }
  if (response === 'serve') return stored;
  if (response === 'tell') {
    await told();
    return stored;
  }
  if (!doubtful.renewable) return stored;
  try {
    return await replaceToken(profile, stored.token, { paths, streams, signal });
  } catch (error) {
    signal.throwIfAborted();
    const { message } = toUserError(error);
    await told(`It could not be renewed: ${message}`);
    return stored;
  }
}

/**
 * Whether the parent, and no former process with its number, was given this very token before it started us: not one that
 * has been replaced since, and not at the same moment as us. Who has no connection open has not been told anything by a
 * server either.
 */
async function hasComeBack({ name }: Profile, paths: Paths, storedAt: number): Promise<boolean> {
  const servedAt = await modifiedAt(traceFile(paths, name, process.ppid));
  if (servedAt === undefined || storedAt > servedAt) return false;
  const [parent, own] = await Promise.all([startedAt(process.ppid), startedAt(process.pid)]);
  if (parent !== undefined && parent > servedAt) return false;
  if (own !== undefined && own <= servedAt) return false;
  return (await parentHasConnection()) ?? true;
}

function rejectedText(profile: Profile, rejected: RejectedToken, more?: string): string {
  const { name, cluster } = profile;
  return [
    `dkp-auth: ${new URL(cluster.server).host} seems to reject the token of "${name}", which was asked for again at once.`,
    rejectionReason(rejected, profile),
    ...(more === undefined ? [] : [more]),
    `To sign in anew: ${loginCommand(name)}`,
  ].join(' ');
}
