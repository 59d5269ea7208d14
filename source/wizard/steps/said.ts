import { describeFile } from '../../login/describe-file.ts';
import { describeIsolation } from '../../login/isolation.ts';
import { words } from '../parts/words.ts';
import type { Line, State } from '../state.ts';
import { texts } from '../texts.ts';
import type { Waiting } from '../waiting.ts';
import { isAnswer, plainLine } from './answered.ts';
import { controlOf, isAccountAsked } from './control.ts';
import { destinationText, diffOf, mayMoveDestination } from './destination.ts';
import { linkFault } from './link.ts';
import { nameFault } from './names.ts';
import { stepsOf } from './order.ts';
import { choicesOf, furtherSignIns, isAtItsPage, signInCount } from './review.ts';

/** Something to be said once; it is said again when it was gone in between. */
export type Said = { readonly id: string; readonly text: string };

const day = (date: Date) => date.toISOString().slice(0, 10);

/**
 * What a screen amounts to in sentences, in the order of reading, without what a person answers with: for a screen
 * reader and for consoles that print line by line.
 */
export function saidOf(state: State, most = mostSaid): Said[] {
  const { step, busy, further, problem, isSlow } = state;
  const steps = stepsOf(state);
  const { question } = { question: '', ...controlOf(state) };
  const sentences: [id: string, text: string | undefined][] = [
    ['title', texts.step(steps.indexOf(step) + 1, steps.length, texts.titles[step])],
    ...(busy !== undefined && further === undefined
      ? [['busy', `${busy}.`] as [string, string]]
      : aboutStep(state, most)),
    ['slow', isSlow ? (step === 'run' ? texts.slowRun : texts.slow) : undefined],
    ['problem', problem && [`${texts.problem}: ${problem.message}`, problem.hint].filter(Boolean).join(' ')],
    ['question', question],
  ];
  return sentences.flatMap(([id, text]) =>
    text === undefined || text === '' ? [] : [{ id: `${step} ${id}`, text }],
  );
}

/** What is said now and was not a moment ago. */
export function newlySaid(now: readonly Said[], before: readonly Said[]): Said[] {
  return now.filter(({ id, text }) => !before.some(said => said.id === id && said.text === text));
}

/** Lines that mean nothing when they are broken. */
export const isDiff = ({ id }: Pick<Said, 'id'>) => id.endsWith(' diff');

/** `isWhole`: an address, a code: to be copied, so never broken. */
export type Utterance = { readonly text: string; readonly isWhole: boolean };

/** Finished questions, then the title of the next, what is to be copied, and the rest. */
export function inReadingOrder(lines: readonly Line[], said: readonly Said[]): Utterance[] {
  const isTitle = ({ id }: Said) => id.endsWith(' title');
  const whole = (line: Line) => ({ text: plainLine(line, `${words.done}:`), isWhole: true });
  const spoken = ({ id, text }: Said) => ({ text, isWhole: isDiff({ id }) });
  return [
    ...lines.filter(isAnswer).map(whole),
    ...said.filter(isTitle).map(spoken),
    ...lines
      .filter(line => line !== '' && !isAnswer(line))
      .map(line => ({ ...whole(line), isWhole: typeof line === 'string' })),
    ...said.filter(each => !isTitle(each)).map(spoken),
  ];
}

type Sentences = [id: string, text: string | undefined][];

function aboutStep(state: State, most: number): Sentences {
  const { further } = state;
  if (further !== undefined) {
    const { done, all } = signInCount(state);
    const title = texts.furtherTitle(further.choice.cluster.name, done + 1, all);
    return [['further', `${title}.`], ...aboutWaiting(further.waiting)];
  }
  switch (state.step) {
    case 'link':
      return state.linkList === undefined ? aboutLink(state) : [];
    case 'trust':
      return aboutTrust(state);
    case 'login':
      return aboutLogin(state);
    case 'clusters':
      return [['note', state.target === undefined ? texts.firstTokenOnly : texts.oneLogin]];
    case 'names':
      return aboutNames(state);
    case 'review':
      return aboutReview(state, most);
    default:
      return [];
  }
}

function aboutLink(state: State): Sentences {
  const fault = linkFault(state);
  if (fault === undefined) return [['help', texts.linkHelp]];
  return [['fault', [fault.message, fault.hint].filter(Boolean).join(' ')]];
}

function aboutTrust({ certificates, link }: State): Sentences {
  if (certificates === undefined || link === undefined) return [];
  const { subject, validFrom, validTo } = certificates.authority;
  return [
    ['who', texts.trustQuestion(new URL(link.origin).host)],
    ['subject', `${texts.subject}: ${subject}`],
    ['validity', `${texts.validity}: ${texts.validBetween(day(validFrom), day(validTo))}`],
  ];
}

function aboutLogin(state: State): Sentences {
  const { waiting, way, ways, isCopied, wayList } = state;
  if (wayList !== undefined || isAccountAsked(state)) return [];
  const picked = ways && (ways.way === way ? texts.wayPicked(way, ways.why) : texts.wayChosen(way));
  return [
    ['way', picked],
    ...(waiting === undefined ? [] : aboutWaiting(waiting)),
    ['copied', isCopied && waiting !== undefined ? texts.copied : undefined],
  ];
}

function aboutWaiting(waiting: Waiting): Sentences {
  switch (waiting.kind) {
    case 'starting':
      return [['starting', `${texts.starting}.`]];
    case 'page':
      return [['checking', waiting.checking ? `${texts.checkingToken}.` : undefined]];
    case 'paste':
      return [
        ['checking', waiting.checking ? `${texts.checkingAnswer}.` : undefined],
        ['paste help', waiting.checking ? undefined : texts.pasteAddressHelp],
      ];
    case 'device':
      return [
        ['advice', texts.deviceAdvice(waiting.code.verificationUri.host)],
        ['waiting', `${texts.waitingForLogin}.`],
        ['trouble', waiting.trouble],
      ];
    default:
      return [
        ['advice', texts.loginAdvice],
        ['waiting', `${texts.waitingForLogin}.`],
        ['trouble', waiting.kind === 'portal' ? waiting.trouble : undefined],
      ];
  }
}

function aboutNames(state: State): Sentences {
  const row = state.nameRows[state.activeName];
  const fault = row && nameFault(state, row);
  return [
    ['rule', texts.namesQuestion],
    [
      'which',
      row &&
        texts.nameOf(
          state.activeName + 1,
          state.nameRows.length,
          `${row.cluster.name} (${row.cluster.server})`,
        ),
    ],
    ['fault', fault?.message],
    ['free', fault?.free && texts.nameFreeSaid(fault.free)],
  ];
}

/** Of thousands as many as are listened to. */
const mostSaid = 20;

function diffSaid(state: State, most: number): Sentences {
  const lines = diffOf(state);
  if (lines.length === 0) return [];
  const left = lines.length - most;
  const shown = [...lines.slice(0, most), ...(left > 0 ? [texts.moreLines(left)] : [])];
  return [
    ['what changes', texts.diffSaid],
    ['diff', shown.join('\n')],
  ];
}

function aboutReview(state: State, most: number): Sentences {
  const { plan } = state;
  if (plan === undefined) return [];
  const choices = choicesOf(state);
  const further = furtherSignIns(state);
  return [
    ['what', texts.reviewQuestion],
    ...plan.files.map(file => [`file ${file.path}`, describeFile(file, process.env)] as [string, string]),
    ...plan.profiles
      .slice(0, most)
      .map(
        ({ name, cluster }) =>
          [`profile ${name}`, `${name} -> ${cluster.name} (${cluster.server})`] as [string, string],
      ),
    ['more', plan.profiles.length > most ? texts.more(plan.profiles.length - most) : undefined],
    ['isolation', describeIsolation(choices)],
    ['unchanged', texts.reviewUnchanged],
    ['destination', mayMoveDestination(state) ? destinationText(state) : undefined],
    ...diffSaid(state, most),
    ...choices
      .filter(choice => isAtItsPage(state, choice))
      .map(({ cluster }) => [`page ${cluster.server}`, texts.reviewPage(cluster.name)] as [string, string]),
    ['further', further === 0 ? undefined : texts.reviewSignIns(further)],
  ];
}
