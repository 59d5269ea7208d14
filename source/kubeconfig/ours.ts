import path from 'node:path';
import type { ProfileName } from '../profiles/profile-name.ts';
import { type Fields, isFields } from './section.ts';

const commands = /^(dkp-auth(-token)?|kubectl-dkp_auth)(\.exe|\.cmd)?$/i;

/** Which profile a kubeconfig user asks this program for; undefined when it asks somebody else, or has a credential itself. */
export function profileAskedFor(user: Fields): string | undefined {
  const { exec } = user;
  if (!isFields(exec) || typeof exec['command'] !== 'string' || !Array.isArray(exec['args']))
    return undefined;
  // Written on Windows, read here, and the other way round.
  const command = path.posix.basename(path.win32.basename(exec['command']));
  const [flag, name] = exec['args'].slice(-2) as unknown[];
  return commands.test(command) && flag === '--profile' && typeof name === 'string' ? name : undefined;
}

export function asksFor(user: Fields, profile: ProfileName): boolean {
  return profileAskedFor(user) === profile;
}
