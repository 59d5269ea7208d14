import { cancelled, UserError } from '../errors.ts';
import { launcher } from '../kubeconfig/launcher.ts';
import type { LoginAnswers } from '../login/answers.ts';
import type { LoginOutcome } from '../login/run.ts';
import { listReadableProfiles } from '../profiles/registry.ts';
import type { BrowserChoice } from '../system/browser.ts';
import { clipboardSequence } from '../system/clipboard.ts';
import { keepWhatStarted } from '../system/compiled-code.ts';
import { type Environment, pathsOf, tildePath } from '../system/paths.ts';
import { rememberedPortals } from '../system/settings.ts';
import { forwardCommand, isOverSsh } from '../system/ssh.ts';
import { type Streams, write } from '../system/streams.ts';
import { applyColorChoice, describeTerminal } from '../system/terminal.ts';
import { forgetInterrupted, keepInterrupted, readInterrupted } from './interrupted.ts';
import { createLaterDriver, type LaterDriver } from './later-driver.ts';
import type { PlainOptions } from './plain/run-plain.ts';
import { initialState, type State } from './state.ts';
import { accountChoices } from './steps/login.ts';
import { methodChoices, timeChoices } from './steps/method.ts';
import { rememberedList } from './steps/remembered-list.ts';
import { isWritten } from './steps/run.ts';
import { trustChoices } from './steps/trust.ts';
import { createStore } from './store.ts';

export type WizardOptions = {
  readonly answers: LoginAnswers;
  readonly browser: BrowserChoice;
  readonly streams: Streams;
  /** How long to wait for the person at an issuer; the usual time when not given. */
  readonly timeoutSeconds?: number | undefined;
  /** How it talks: on a screen that can be drawn on, to a screen reader, or line by line through stdin and stdout. */
  readonly voice?: Voice | undefined;
  /** Ends the wizard from outside. */
  readonly signal: AbortSignal;
  /** The demo's help: whom to sign in as, and a person to do it where there is no browser. */
  readonly demo?: { readonly hints: readonly string[]; readonly playPerson: (url: URL) => Promise<void> };
};

export type Voice = 'screen' | 'screen-reader' | 'plain';

/**
 * Asks what the answers leave open, and does what was chosen.
 * @throws UserError CANCELLED when the person leaves
 */
export async function runWizard(options: WizardOptions): Promise<LoginOutcome> {
  const { answers, browser, streams, timeoutSeconds, voice = 'screen', signal, demo } = options;
  const { env } = streams;
  const paths = pathsOf(env);
  const [remembered, { profiles, spoilt }, interrupted] = await Promise.all([
    rememberedPortals(paths),
    listReadableProfiles(paths),
    readInterrupted(paths),
  ]);
  const driver = createLaterDriver({
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
    spoilt,
    interrupted,
    linkList: rememberedList(remembered, interrupted),
    trustList: trustChoices,
    accountList: accountChoices,
    methodList: methodChoices,
    timeList: timeChoices,
    ...(isOverSsh(env) && { forward: (redirectUri: URL) => forwardCommand(env, redirectUri) }),
    canCopy: voice !== 'plain' && clipboardSequence('', env) !== undefined,
  });
  const store = createStore(state, driver, over.resolve);
  const session: Session = {
    store,
    over: over.promise,
    streams,
    demoHints: demo?.hints ?? [],
    signal,
    driver,
  };
  try {
    const outcome = await (voice === 'plain' ? ask(session) : draw(session, voice));
    if (outcome === undefined) throw leftEarly(store.getState(), env);
    await forgetInterrupted(paths);
    const { formatSummary } = await import('../login/summary-text.ts');
    const result = voice === 'plain' ? streams.stdout : streams.stderr;
    await write(result, `\n${formatSummary(outcome, env)}`);
    return outcome;
  } catch (error) {
    // Whoever comes back goes on there.
    if (!isWritten(store.getState())) await keepInterrupted(paths, store.getState()).catch(() => undefined);
    throw error;
  } finally {
    await driver.close();
  }
}

type Session = PlainOptions & { readonly driver: LaterDriver };

async function ask(session: Session): Promise<LoginOutcome | undefined> {
  session.streams.early?.end();
  const { runPlain } = await import('./plain/run-plain.ts');
  return runPlain(session);
}

async function draw(session: Session, voice: Voice): Promise<LoginOutcome | undefined> {
  const { store, over, streams, demoHints, signal } = session;
  const { env, stdin, stderr, early } = streams;
  const terminal = describeTerminal(env, streams);
  // Before Ink is loaded, which looks at the environment once.
  applyColorChoice(terminal.color);
  const isSpoken = voice === 'screen-reader';
  const [{ mountApp }, { lookFor }, { App, FrameOf }, spoken] = await Promise.all([
    import('./parts/mount.tsx'),
    import('./parts/look.tsx'),
    import('./app.tsx'),
    isSpoken ? import('./spoken.tsx') : undefined,
  ]);
  await early?.ready();
  if (signal.aborted) return undefined;
  if (isSpoken) early?.end();
  const View = spoken?.Spoken ?? App;
  const app = mountApp(<View store={store} over={over} demoHints={demoHints} />, {
    stdin,
    stderr,
    early: isSpoken ? undefined : early,
    look: lookFor(isSpoken ? { ...terminal, motion: false } : terminal),
    screenReader: isSpoken,
    ...(!isSpoken && { frame: () => <FrameOf store={store} demoHints={demoHints} /> }),
    reflows: terminal.reflows,
    onSignal: () => session.driver.close(),
  });
  // While the person reads and types.
  setImmediate(() => {
    keepWhatStarted();
    session.driver.warmUp();
  });
  // After a signal the app never says that it is over: whoever got the signal decides what ends the process.
  return Promise.race([app.waitUntilExit().then(() => over), aborted(signal)]);
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
