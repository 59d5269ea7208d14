import type { Streams } from '../system/streams.ts';
import type { Voice } from '../wizard/run-wizard.tsx';

export type VoiceFlags = { readonly plain?: boolean; readonly screenReader?: boolean };

/**
 * How the wizard talks: as a flag says, as Ink's own variable or the setting does, and line by line on a terminal whose
 * cursor cannot be moved.
 */
export async function voiceOf(
  { plain, screenReader }: VoiceFlags,
  { env }: Streams,
  setting: () => Promise<boolean>,
): Promise<Voice> {
  if (plain || (env['TERM'] === 'dumb' && !screenReader)) return 'plain';
  const variable = env['INK_SCREEN_READER'];
  const isOn =
    screenReader ?? (variable === undefined || variable === '' ? await setting() : variable === 'true');
  return isOn ? 'screen-reader' : 'screen';
}
