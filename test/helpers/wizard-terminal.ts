import assert from 'node:assert/strict';
import {
  type Demo,
  type DemoOptions,
  type DemoUser,
  type LastPage,
  startDemo,
} from '../../source/demo/index.ts';
import { type Step, steps } from '../../source/wizard/steps/order.ts';
import { texts } from '../../source/wizard/texts.ts';
import { type Exit, openTerminal, type Terminal } from '../terminal/harness/terminal.ts';
import { type Home, temporaryHome } from './home.ts';
import { cli } from './program.ts';

type Test = { after(run: () => Promise<void> | void): void };

/** A platform for one test. Two logins that begin in the same second are one to it, so tests do not share one. */
export async function temporaryDemo(test: Test, options: DemoOptions = {}): Promise<Demo> {
  const demo = await startDemo(options);
  test.after(() => demo.close());
  return demo;
}

export type WizardOptions = {
  readonly home?: Home;
  /** `login`, the global link and the CA file, unless given. */
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly columns?: number;
  readonly rows?: number;
};

/** The built program on a real terminal, in a home of its own, on a platform of its own. */
export type Wizard = Terminal & {
  readonly home: Home;
  readonly demo: Demo;
  /** Waits until a question is on the screen. */
  at(step: Step): Promise<string[]>;
  /** The addresses it has shown, each as copying gives it. */
  addresses(): string[];
  /** Waits for the address of the login that is counted from 1, and signs in there as a person with a browser. */
  signIn(user: string | DemoUser, which?: number): Promise<LastPage>;
  /** Everything it has said, in the lines that copying gives. */
  text(): string;
};

const questions: Readonly<Record<Step, string>> = {
  link: texts.linkQuestion,
  trust: 'This machine does not know',
  provider: texts.providerQuestion,
  login: texts.waitingForLogin,
  clusters: texts.clustersQuestion,
  method: texts.methodQuestion,
  time: 'When?',
  names: texts.namesQuestion,
  review: texts.reviewQuestion,
  run: 'Sign in for ',
};

/** What is left of a question however narrow the window is. */
const shortest = 18;

export async function openWizard(test: Test, demo: Demo, options: WizardOptions = {}): Promise<Wizard> {
  const home = options.home ?? (await temporaryHome(test));
  const { document } = demo;
  const { columns, rows } = options;
  const args = options.args ?? ['login', document.loginLinks.global, '--ca-file', document.caFile];
  const terminal = openTerminal(test, {
    command: process.execPath,
    args: [cli, ...args],
    cwd: home.folder,
    env: { ...home.env, DKP_AUTH_NO_ANIMATION: '1', ...options.env },
    ...(columns !== undefined && { columns }),
    ...(rows !== undefined && { rows }),
  });
  const addresses = () =>
    terminal.logicalLines().filter(line => /^https:\/\/\S+\/(dex\/auth|token\/login)/.test(line));
  return Object.assign(terminal, {
    home,
    demo,
    addresses,
    async at(step: Step) {
      const question = questions[step].slice(0, shortest);
      const isThere = (screen: string[]) => {
        const text = screen.join(' ').replace(/ +/g, ' ');
        // Where the rows have no room for it, the question says which cluster is named.
        return text.includes(question) || (step === 'names' && / Name \d+ of \d+, for /.test(text));
      };
      // Above the question, and a moment later.
      return terminal.waitFor(screen => isThere(screen) && (step !== 'login' || addresses().length > 0));
    },
    async signIn(user: string | DemoUser, which = 1) {
      await terminal.waitFor(() => addresses().length >= which);
      return demo.signIn(addresses()[which - 1] ?? '', typeof user === 'string' ? demo.user(user) : user);
    },
    text: () => terminal.logicalLines().join('\n').trimEnd(),
  });
}

/** The link and the CA file, and further flags. */
export function flags({ document }: Demo, ...more: string[]): string[] {
  return ['login', document.loginLinks.global, '--ca-file', document.caFile, ...more];
}

/** Goes on with what is proposed, until a question is there; the first cluster, Method 1, signed in as Ada. */
export async function goTo(wizard: Wizard, wanted: Step): Promise<void> {
  for (const step of steps.slice(0, steps.indexOf(wanted))) {
    await pass(wizard, step);
  }
  await wizard.at(wanted);
}

async function pass(wizard: Wizard, step: Step): Promise<void> {
  switch (step) {
    case 'link':
    case 'trust':
      return;
    case 'login':
      await wizard.signIn('ada');
      return;
    case 'clusters':
      await wizard.at(step);
      return wizard.press('space', 'down', 'space', 'enter');
    case 'names':
      await wizard.at(step);
      return wizard.press('enter', 'enter');
    default:
      await wizard.at(step);
      return wizard.press('enter');
  }
}

/** The program is over, with this code, and the terminal is as a shell wants it. */
export async function endsWith(terminal: Terminal, code: number): Promise<Exit> {
  const exit = await within(terminal.exit, terminal);
  assert.equal(exit.code, code, terminal.logicalLines().join('\n'));
  await assertRestored(terminal);
  return exit;
}

const longestEndMs = 10_000;

async function within(exit: Promise<Exit>, terminal: Terminal): Promise<Exit> {
  const { promise, reject } = Promise.withResolvers<never>();
  const message = () => `the program goes on:\n${terminal.screen().join('\n')}`;
  const timer = setTimeout(() => reject(new Error(message())), longestEndMs);
  try {
    return await Promise.race([exit, promise]);
  } finally {
    clearTimeout(timer);
  }
}

export async function assertRestored(terminal: Terminal): Promise<void> {
  const { icanon, echo, isig } = await terminal.modes();
  const last = `last bytes: ${JSON.stringify(terminal.rawOutput().slice(-400))}`;
  assert.deepEqual({ icanon, echo, isig }, { icanon: true, echo: true, isig: true }, last);
  assert.equal(terminal.cursorVisible(), true, `the cursor is visible; ${last}`);
  assert.equal(terminal.bracketedPaste(), false, `pastes come plain again; ${last}`);
}

/** The lines under a heading of the last screen, up to the next empty line. */
export function linesUnder(wizard: Wizard, heading: string): string[] {
  const lines = wizard.logicalLines();
  const start = lines.lastIndexOf(heading) + 1;
  assert.notEqual(start, 0, `${heading} is not in\n${lines.join('\n')}`);
  const end = lines.findIndex((line, index) => index >= start && line === '');
  return lines.slice(start, end === -1 ? undefined : end);
}
