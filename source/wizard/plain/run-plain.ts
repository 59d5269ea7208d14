import { UserError } from '../../errors.ts';
import type { LoginOutcome } from '../../login/run.ts';
import { type Streams, write } from '../../system/streams.ts';
import { textWidth } from '../parts/graphemes.ts';
import type { SelectListState } from '../parts/select-list.ts';
import { words } from '../parts/words.ts';
import { wrapText } from '../parts/wrap-text.ts';
import type { Line, State } from '../state.ts';
import { type Control, controlOf } from '../steps/control.ts';
import { hintsFor } from '../steps/hints.ts';
import { nameFault } from '../steps/names.ts';
import { inReadingOrder, newlySaid, type Said, saidOf } from '../steps/said.ts';
import type { Store } from '../store.ts';
import { texts } from '../texts.ts';
import { clusterCells } from '../views/cluster-cells.ts';
import { proposed, readAnswer } from './answer.ts';
import { openLines } from './line-input.ts';

export type PlainOptions = {
  readonly store: Store;
  readonly over: Promise<LoginOutcome | undefined>;
  readonly streams: Streams;
  readonly demoHints: readonly string[];
  readonly signal: AbortSignal;
};

/** Of a long list as much as is read in one go. */
const mostListed = 20;
const stillWaitingMs = 30_000;

/**
 * The wizard's questions line by line: nothing is ever drawn again, so it works on a teletype, in an expect script and
 * through a pipe.
 * @throws UserError MISSING_ANSWERS when the input ends before the questions do
 */
export async function runPlain(options: PlainOptions): Promise<LoginOutcome | undefined> {
  const { store, over, streams, demoHints, signal } = options;
  const ended = Promise.withResolvers<undefined>();
  const queue: string[] = [];
  let said: readonly Said[] = [];
  let told = 0;
  let asked: string | undefined;
  let isOver = false;
  let hasEnded = false;
  let isBusy = false;

  const print = (text: string) => void write(streams.stdout, `${text}\n`);
  const say = (text: string) => print(broken(text, streams.stdout.columns));
  const lines = openLines({
    stdin: streams.stdin,
    onLine(line) {
      queue.push(line);
      go();
    },
    onInterrupt: () => store.dispatch({ type: 'key', key: { name: 'ctrl', letter: 'c' } }),
    onEnd() {
      hasEnded = true;
      go();
    },
  });

  /** Says what is new, asks what is open, and takes the lines that have come. */
  function go(): void {
    // Dispatching calls back in here.
    if (isBusy || isOver) return;
    isBusy = true;
    try {
      for (;;) {
        tell();
        const state = store.getState();
        const line = takeable(state) ? queue.shift() : undefined;
        if (line === undefined) break;
        answer(state, line);
      }
      const isWaiting = controlOf(store.getState()).kind === 'wait';
      if (hasEnded && queue.length === 0 && !isWaiting) ended.resolve(undefined);
    } finally {
      isBusy = false;
    }
  }

  function tell(): void {
    const state = store.getState();
    const now = [...saidOf(state), ...demoSaid(state)];
    const lines = state.printed.slice(told).map(withoutKeys);
    for (const { text, isWhole } of inReadingOrder(lines, newlySaid(now, said)))
      (isWhole ? print : say)(text);
    told = state.printed.length;
    said = now;
    ask(state);
  }

  function demoSaid({ step }: State): Said[] {
    return step === 'login' ? demoHints.map(text => ({ id: `demo ${text}`, text })) : [];
  }

  function ask(state: State): void {
    const control = controlOf(state);
    const id = state.leaving ? 'leaving' : idOf(state, control);
    if (id === asked) return;
    asked = id;
    lines.hide(control.kind === 'field' && control.secret);
    if (state.leaving) void write(streams.stdout, `${broken(words.leaving, streams.stdout.columns)} `);
    else prompt(state, control);
  }

  function prompt(state: State, control: Control): void {
    if (control.kind === 'wait') {
      const commands = commandsOf(state, demoHints.length > 0);
      if (commands !== '') say(texts.plainCommands(commands));
      return;
    }
    if (control.kind === 'list') listItems(state, control.list, allPlaces(control.list));
    const letters = control.kind === 'confirm' ? commandsOf(state, demoHints.length > 0) : '';
    if (letters !== '') say(texts.plainAlso(letters));
    void write(streams.stdout, promptText(state, control));
  }

  function listItems(state: State, list: SelectListState, places: readonly number[]): void {
    const cells = state.step === 'clusters' ? clusterCells(state) : () => [];
    for (const place of places.slice(0, mostListed)) {
      const item = list.items[place];
      if (item === undefined) continue;
      const facts = [...cells(item.id), item.disabledReason ?? item.detail ?? ''].filter(fact => fact !== '');
      print(`  ${place + 1}. ${item.label}${facts.length === 0 ? '' : `  (${facts.join(', ')})`}`);
    }
    if (places.length > mostListed) say(texts.plainMore(places.length - mostListed));
  }

  /** While something is under way a line is a command or waits for its question. */
  function takeable(state: State): boolean {
    if (controlOf(state).kind !== 'wait' || state.leaving) return true;
    const [line = ''] = queue;
    const known = hintsFor(state, demoHints.length > 0).map(({ key }) => key.toLowerCase());
    const isCommand = ['<', '!', ...known].includes(line.trim().toLowerCase());
    // A person who waits gets an answer to everything; a script's next lines are for the next questions.
    return isCommand || (streams.stdin.isTTY === true && queue.length > 0 && state.busy === undefined);
  }

  function answer(state: State, line: string): void {
    if (state.leaving) {
      store.dispatch({ type: 'key', key: { name: 'text', text: line.trim().toLowerCase() } });
      asked = undefined;
      return;
    }
    const reading = readAnswer(state, line);
    if (reading.kind === 'keys') {
      const { step, turn, activeName } = state;
      for (const key of reading.keys) {
        const now = store.getState();
        if (now.step !== step || now.turn !== turn || now.activeName !== activeName) break;
        store.dispatch({ type: 'key', key });
      }
    } else {
      const control = controlOf(state);
      if (reading.kind === 'found' && control.kind === 'list') listItems(state, control.list, reading.places);
      else say(texts.plainNothing);
      // What is listed now need not be listed again.
      if (control.kind === 'list') {
        void write(streams.stdout, promptText(state, control));
        return;
      }
    }
    // Every answer has a reaction, if only the same question.
    asked = undefined;
  }

  const heartbeat = setInterval(() => {
    const { waiting, further } = store.getState();
    if (waiting !== undefined || further !== undefined) say(words.stillWaiting);
  }, stillWaitingMs);
  const unsubscribe = store.subscribe(go);
  try {
    say(texts.plainStart);
    go();
    const outcome = await Promise.race([over, ended.promise.then(() => endedError()), aborted(signal)]);
    isOver = true;
    if (outcome instanceof UserError) throw outcome;
    return outcome;
  } finally {
    isOver = true;
    clearInterval(heartbeat);
    unsubscribe();
    lines.close();
  }
}

/** Broken between words, unless a word is wider than the console: that one is to be copied whole. */
function broken(text: string, columns: number | undefined): string {
  const width = (columns || 80) - 1;
  const isTooWide = text.split(' ').some(word => textWidth(word) > width);
  return isTooWide ? text : wrapText(text, width).join('\n');
}

/** Whoever asks for help is told what lines mean instead. */
const withoutKeys = (line: Line): Line =>
  typeof line === 'object' && 'isOfKeys' in line ? { prose: texts.plainStart } : line;

const allPlaces = ({ items }: SelectListState) => items.map((_, place) => place);

function promptText(state: State, control: Control): string {
  const text = promptWords(state, control);
  return text === '' ? '> ' : `${text} > `;
}

function promptWords(state: State, control: Control): string {
  switch (control.kind) {
    case 'list': {
      const { list } = control;
      return list.multiple ? texts.plainChooseMany(proposed(list)) : texts.plainChoose(proposed(list));
    }
    case 'field': {
      if (control.secret) return texts.plainHidden;
      const row = state.step === 'names' ? state.nameRows[state.activeName] : undefined;
      const free = row && nameFault(state, row)?.free;
      return texts.plainValue(free ?? control.field.value);
    }
    case 'confirm':
      if (state.step !== 'review') return `[${texts.plainGoOn}]`;
      return state.plan === undefined ? '' : `[${texts.plainWrite}]`;
    case 'wait':
      return '';
  }
}

function endedError(): UserError {
  return new UserError('MISSING_ANSWERS', texts.plainEnded);
}

function aborted(signal: AbortSignal): Promise<undefined> {
  return new Promise(resolve => {
    if (signal.aborted) resolve(undefined);
    else signal.addEventListener('abort', () => resolve(undefined), { once: true });
  });
}

/** A question that has been asked is not asked again before something is answered. */
function idOf(state: State, control: Control): string {
  const { step, activeName, problem, further, waiting } = state;
  const question = control.kind === 'wait' ? (further?.waiting ?? waiting)?.kind : control.question;
  return [step, control.kind, question, activeName, problem?.message].join('\n');
}

function commandsOf(state: State, isDemo: boolean): string {
  return hintsFor(state, isDemo)
    .filter(({ key }) => /^[a-z]$/.test(key))
    .map(({ key, does }) => `${key} ${does}`)
    .join(', ');
}
