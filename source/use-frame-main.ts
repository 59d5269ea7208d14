import { listProfiles } from './profiles/registry.ts';
import { showEarly } from './show-early.ts';
import type { EarlyScreen } from './system/early-screen.ts';
import { pathsOf } from './system/paths.ts';
import { firstPickFrame } from './wizard/pick-frame.ts';

/**
 * Draws the list of `dkp-auth use` before what answers its keys is loaded.
 * @returns undefined where there is no list, or a profile cannot be read, and nothing was drawn
 */
export function showPickFrame(): Promise<EarlyScreen | undefined> {
  return showEarly(async place => {
    const profiles = await listProfiles(pathsOf(process.env));
    return profiles.length === 0 ? undefined : firstPickFrame(profiles, place);
  });
}
