import type { Streams } from '../system/streams.ts';
import type { Voice } from '../wizard/run-wizard.tsx';

export type VoiceFlags = { readonly plain?: boolean; readonly screenReader?: boolean };

/**
 * How the wizard talks: as a flag says, as Ink's own variable or the setting does, and line by line on a terminal whose
 * cursor cannot be moved.
 */
export function voiceOf({ plain, screenReader }: VoiceFlags, { env }: Pick<Streams, 'env'>): Voice {
  if (plain || (env['TERM'] === 'dumb' && !screenReader)) return 'plain';
  const isOn = screenReader ?? isTrue(env['INK_SCREEN_READER']) ?? isTrue(env['DKP_AUTH_SCREEN_READER']);
  return isOn ? 'screen-reader' : 'screen';
}

/** undefined where nothing is said. */
function isTrue(text: string | undefined): boolean | undefined {
  return text === undefined || text === '' ? undefined : text === 'true' || text === '1';
}
