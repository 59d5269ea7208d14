import { flagsFrom, withSettings } from '../settings/resolve.ts';
import { holdLines } from '../system/debug.ts';
import { pathsOf } from '../system/paths.ts';
import { canAsk, type Streams } from '../system/streams.ts';
import { runWizard } from '../wizard/run-wizard.tsx';
import { voiceOf } from './voice.ts';

/**
 * `dkp-auth` alone: the wizard with every question open, without the code of the flags and of what follows the first
 * screen. Where nobody can be asked, or the settings answer something, it is a `login` like others.
 */
export async function wizard(given: Streams, signal: AbortSignal): Promise<void> {
  const streams = await withSettings(given, pathsOf(given.env));
  const { env } = streams;
  if (!canAsk(streams) || Object.keys(flagsFrom({}, env)).length > 0) {
    const { login } = await import('./login.ts');
    return login(undefined, {}, given, signal);
  }
  const release = holdLines();
  try {
    await runWizard({
      answers: { profiles: { byCluster: new Map() } },
      browser: { env, disabled: false, command: undefined },
      streams,
      signal,
      voice: voiceOf({}, streams),
    });
  } finally {
    release();
  }
}
