import { pathsOf } from '../system/paths.ts';
import { screenReaderSetting } from '../system/settings.ts';
import { canAsk, type Streams } from '../system/streams.ts';
import { runWizard } from '../wizard/run-wizard.tsx';
import { voiceOf } from './voice.ts';

/**
 * `dkp-auth` alone: the wizard with every question open, without the code of the flags and of what follows the first
 * screen. Where nobody can be asked, `login` says what is missing.
 */
export async function wizard(streams: Streams, signal: AbortSignal): Promise<void> {
  const { env } = streams;
  if (!canAsk(streams)) {
    const { login } = await import('./login.ts');
    return login(undefined, {}, streams, signal);
  }
  await runWizard({
    answers: { profiles: { byCluster: new Map() } },
    browser: { env, disabled: false, command: undefined },
    streams,
    signal,
    voice: await voiceOf({}, streams, () => screenReaderSetting(pathsOf(env))),
  });
}
