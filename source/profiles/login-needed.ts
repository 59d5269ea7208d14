import { UserError } from '../errors.ts';
import type { ProfileName } from './profile-name.ts';

/** The command with which a person signs in to a profile again; it reads all else from the profile. */
export const loginCommand = (profile: ProfileName) => `dkp-auth login --profile ${profile}`;

/**
 * @param why whole sentences, in place of the plain fact
 * @param hint in place of the command alone
 */
export function loginNeeded(
  profile: ProfileName,
  why = `The profile "${profile}" needs a login.`,
  hint = `Run: ${loginCommand(profile)}`,
): UserError {
  return new UserError('LOGIN_NEEDED', why, { hint });
}
