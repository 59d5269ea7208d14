import type { KeyHint } from '../parts/footer-text.ts';
import type { State } from '../state.ts';
import { texts } from '../texts.ts';
import { isIssuerWay, type Waiting } from '../waiting.ts';
import { asksForHelp, controlOf, isAccountAsked, isAwaiting } from './control.ts';
import { isConflict, mayMoveDestination } from './destination.ts';
import { mayChooseWay } from './issuer-login.ts';
import { enter, help, leave, linkHints } from './link-hints.ts';
import { nameFault } from './names.ts';
import { mayBeLeft } from './run.ts';

const { keys } = texts;
const escapeTo = (does: string, short?: string): KeyHint => ({ key: 'Esc', does, ...(short && { short }) });

const takeFree: KeyHint = { key: 'Tab', does: keys.take, short: 'free name' };

/** The keys that mean something now, the most important first. */
export function hintsFor(state: State, isDemo: boolean, fitsQr = false): KeyHint[] {
  const { main, more = [] } = stepHints(state, isDemo, fitsQr);
  const again: KeyHint[] = isRetryOffered(state) ? [{ key: 'r', does: keys.retry }] : [];
  return [...again, ...main, ...escapeHint(state), ...more, leave, helpHint(state)];
}

/** Where a question mark is part of an answer, the key that nano has for help. */
const helpHint = (state: State): KeyHint => ({
  ...help,
  key: asksForHelp(state) ? help.key : 'Ctrl+G',
  // A filter is a key away from being empty.
  stays: asksForHelp(state) || controlOf(state).kind !== 'list',
});

const isRetryOffered = (state: State) => state.isSlow && state.step !== 'run' && isAwaiting(state);

function escapeHint(state: State): KeyHint[] {
  const { further, history, step } = state;
  if (further !== undefined) return [mayBeLeft(state) ? escapeTo(keys.later, 'later') : escapeTo(keys.back)];
  if (step === 'run') return state.problem === undefined ? [] : [escapeTo(keys.back)];
  if (state.wayList !== undefined) return [escapeTo(keys.back)];
  if (step === 'trust' && state.caField !== undefined) return [escapeTo(keys.back)];
  const hasList = state.remembered.length > 0 || state.interrupted !== undefined;
  if (step === 'link' && state.linkList === undefined && hasList) return [escapeTo(keys.back)];
  const fromPage = step === 'login' && state.way === 'page' && state.answers.signIn !== 'page';
  if (fromPage && (state.waiting === undefined || state.pageList === undefined))
    return [escapeTo(keys.portal, 'by browser')];
  return history.length === 0 && step !== 'login' ? [] : [escapeTo(keys.back)];
}

type StepHints = { readonly main: readonly KeyHint[]; readonly more?: readonly KeyHint[] };

function stepHints(state: State, isDemo: boolean, fitsQr: boolean): StepHints {
  if (state.further !== undefined) return { main: waitingHints(state.further.waiting, isDemo) };
  if (state.busy !== undefined) return { main: [] };
  switch (state.step) {
    case 'login':
      if (isAccountAsked(state)) return { main: [enter(keys.choose)] };
      return isIssuerWay(state.way) || state.wayList !== undefined
        ? issuerHints(state, isDemo, fitsQr)
        : loginHints(state, isDemo, fitsQr);
    case 'clusters':
      return state.clusterSelect === undefined
        ? { main: [enter(keys.retry)] }
        : {
            main: [{ key: 'Space', does: keys.tick }, enter(keys.accept)],
            more: [{ key: 'Ctrl+A', does: keys.tickAll }],
          };
    case 'names':
      return { main: isFreeOffered(state) ? [takeFree, enter(keys.accept)] : [enter(keys.accept)] };
    case 'review':
      return reviewHints(state);
    case 'run':
      return { main: state.problem === undefined ? [] : [enter(keys.retry)] };
    case 'link':
      return { main: linkHints(state.linkList !== undefined) };
    case 'trust':
      if (state.certificates === undefined) return { main: [enter(keys.retry)] };
      return { main: [enter(state.caField === undefined ? keys.choose : keys.accept)] };
    case 'provider':
      return { main: [enter(state.providerList === undefined ? keys.retry : keys.choose)] };
    default:
      return { main: [enter(keys.choose)] };
  }
}

function reviewHints(state: State): StepHints {
  const conflict: KeyHint[] = isConflict(state)
    ? [
        { key: 'r', does: keys.rename, short: 'rename' },
        { key: 'o', does: keys.replace, short: 'replace' },
      ]
    : [];
  const move: KeyHint = {
    key: 'm',
    ...(state.destination.merge
      ? { does: keys.ownFile, short: 'own file' }
      : { does: keys.merge, short: 'merge' }),
  };
  return {
    main: [...(state.plan === undefined ? [] : [enter(keys.write)]), ...conflict],
    more: mayMoveDestination(state) ? [move] : [],
  };
}

function isFreeOffered(state: State): boolean {
  const row = state.nameRows[state.activeName];
  return row !== undefined && nameFault(state, row)?.free !== undefined;
}

function loginHints(state: State, isDemo: boolean, fitsQr: boolean): StepHints {
  const { way, waiting, problem } = state;
  const main = waiting === undefined ? [] : waitingHints(waiting, isDemo);
  if (way === 'page') {
    if (waiting !== undefined) return { main };
    return { main: [enter(problem === undefined ? keys.choose : keys.retry)] };
  }
  const again: KeyHint = { key: 'n', does: keys.again, short: 'new' };
  const page: KeyHint = { key: 'p', does: keys.page, short: 'paste' };
  const others = mayChooseWay(state) ? [otherWays] : [page];
  return problem === undefined
    ? { main, more: [...others, ...addressHints(state, fitsQr), again] }
    : { main: [enter(keys.retry)], more: others };
}

/** What can be done with the address that is shown. */
function addressHints({ canCopy, waiting }: State, fitsQr: boolean): KeyHint[] {
  if (waiting === undefined || waiting.kind === 'starting') return [];
  return [
    ...(canCopy ? [{ key: 'c', does: keys.copy, short: 'copy' }] : []),
    ...(fitsQr ? [{ key: 'q', does: keys.qr, short: 'QR' }] : []),
  ];
}

const otherWays: KeyHint = { key: 'w', does: keys.ways };

function issuerHints(state: State, isDemo: boolean, fitsQr: boolean): StepHints {
  const { waiting, problem, canCopy } = state;
  if (state.wayList !== undefined) return { main: [enter(keys.choose)] };
  const ways = mayChooseWay(state) ? [otherWays] : [];
  if (waiting?.kind === 'paste') {
    return {
      main: waiting.checking ? [] : [enter(keys.accept)],
      more: [
        ...ways.map(hint => ({ ...hint, key: 'Tab' })),
        ...(canCopy ? [{ key: 'Ctrl+Y', does: keys.copy, short: 'copy' }] : []),
      ],
    };
  }
  if (waiting === undefined) return { main: problem === undefined ? [] : [enter(keys.retry)], more: ways };
  const isDevice = waiting.kind === 'device';
  return {
    main: waitingHints(waiting, isDemo),
    more: [
      ...ways,
      ...addressHints(state, fitsQr),
      { key: 'n', does: isDevice ? keys.newCode : keys.again, short: 'new' },
    ],
  };
}

function waitingHints(waiting: Waiting, isDemo: boolean): KeyHint[] {
  if (waiting.kind === 'starting') return [];
  if (waiting.kind === 'page' || waiting.kind === 'paste')
    return waiting.checking ? [] : [enter(keys.accept)];
  return [
    ...(isDemo ? [{ key: 'd', does: texts.demoSignIn, short: 'demo' }] : []),
    ...(waiting.opened ? [{ key: 'o', does: keys.open, short: 'open' }] : []),
  ];
}
