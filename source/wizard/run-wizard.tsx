import { cancelled, UserError } from '../errors.ts';
import { launcher } from '../kubeconfig/launcher.ts';
import type { LoginAnswers } from '../login/answers.ts';
import type { LoginOutcome } from '../login/run.ts';
import { formatSummary } from '../login/summary-text.ts';
import { listProfiles } from '../profiles/registry.ts';
import type { BrowserChoice } from '../system/browser.ts';
import { clipboardSequence } from '../system/clipboard.ts';
import { type Environment, pathsOf, tildePath } from '../system/paths.ts';
import { rememberedPortals } from '../system/settings.ts';
import { type Streams, write } from '../system/streams.ts';
import { applyColorChoice, describeTerminal } from '../system/terminal.ts';
import { createDriver } from './driver.ts';
import { initialState, type State } from './state.ts';
import { rememberedList } from './steps/link.ts';
import { accountChoices } from './steps/login.ts';
import { methodChoices, timeChoices } from './steps/method.ts';
import { isWritten } from './steps/run.ts';
import { trustChoices } from './steps/trust.ts';
import { createStore } from './store.ts';

export type WizardOptions = {
  readonly answers: LoginAnswers;
  readonly browser: BrowserChoice;
  readonly streams: Streams;
  /** How long to wait for the person at an issuer; the usual time when not given. */
  readonly timeoutSeconds?: number | undefined;
  /** Ends the wizard from outside. */
  readonly signal: AbortSignal;
  /** The demo's help: whom to sign in as, and a person to do it where there is no browser. */
  readonly demo?: { readonly hints: readonly string[]; readonly playPerson: (url: URL) => Promise<void> };
};

/**
 * Asks what the answers leave open, and does what was chosen.
 * @throws UserError CANCELLED when the person leaves
 */
export async function runWizard(options: WizardOptions): Promise<LoginOutcome> {
  const { answers, browser, streams, timeoutSeconds, signal, demo } = options;
  const { env, stdin, stderr } = streams;
  const paths = pathsOf(env);
  const terminal = describeTerminal(env, streams);
  // Before Ink is loaded, which looks at the environment once.
  applyColorChoice(terminal.color);
  const [{ mountApp }, { lookFor }, { App }] = await Promise.all([
    import('./parts/mount.tsx'),
    import('./parts/look.tsx'),
    import('./app.tsx'),
  ]);
  const [remembered, profiles] = await Promise.all([rememberedPortals(paths), listProfiles(paths)]);
  const driver = createDriver({
    paths,
    env,
    launcher,
    answers,
    browser,
    streams,
    timeoutSeconds,
    playPerson: demo?.playPerson,
  });
  const over = Promise.withResolvers<LoginOutcome | undefined>();
  const state = initialState({
    answers,
    remembered,
    profiles,
    linkList: rememberedList(remembered),
    trustList: trustChoices,
    accountList: accountChoices,
    methodList: methodChoices,
    timeList: timeChoices,
    canCopy: clipboardSequence('', env) !== undefined,
  });
  const store = createStore(state, driver, over.resolve);
  const app = mountApp(<App store={store} over={over.promise} demoHints={demo?.hints ?? []} />, {
    stdin,
    stderr,
    look: lookFor(terminal),
    screenReader: env['INK_SCREEN_READER'] === 'true',
    onSignal: () => driver.close(),
  });
  try {
    // After a signal the app never says that it is over: whoever got the signal decides what ends the process.
    const outcome = await Promise.race([app.waitUntilExit().then(() => over.promise), aborted(signal)]);
    if (outcome === undefined) throw leftEarly(store.getState(), env);
    await write(stderr, `\n${formatSummary(outcome, env)}`);
    return outcome;
  } finally {
    await driver.close();
  }
}

function aborted(signal: AbortSignal): Promise<undefined> {
  return new Promise(resolve => {
    if (signal.aborted) resolve(undefined);
    else signal.addEventListener('abort', () => resolve(undefined), { once: true });
  });
}

/** Files that are written already stay when the person leaves during the logins that follow. */
function leftEarly(state: State, env: Environment): UserError {
  if (!isWritten(state)) return cancelled();
  const files = state.plan?.files.map(file => tildePath(file.path, env)).join(', ');
  return new UserError('CANCELLED', 'Cancelled before the last login.', {
    hint: `Written already: ${files}. kubectl's first call leads to the logins that are left.`,
  });
}
