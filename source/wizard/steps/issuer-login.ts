import { audiencesOf } from '../../login/audiences.ts';
import type { ClusterAudience } from '../../sign-in/issuer-client.ts';
import { redirectOf } from '../../system/ssh.ts';
import type { EffectEvent } from '../effects.ts';
import { isCtrl, isText, type Key } from '../parts/keys.ts';
import { createSelectList } from '../parts/select-list.ts';
import { createTextField, textFieldKey } from '../parts/text-field.ts';
import type { State } from '../state.ts';
import { texts } from '../texts.ts';
import { isIssuerWay, type Waiting, type Ways } from '../waiting.ts';
import { next, skip, stay, type Turn, withProblem } from './turn.ts';

export function enterIssuerLogin(state: State): Turn {
  const { answers } = state;
  if (answers.signInTime === 'none' && answers.method !== 'token') return skip(state);
  return serves(state, wantedAudiences(state)) ? stay(state) : beginIssuerLogin(state, state.way);
}

/** Begins a login for the chosen clusters, whatever was under way. */
export function beginIssuerLogin(state: State, way: string): Turn {
  const { target } = state;
  const chosen = ways.find(candidate => candidate === way);
  if (target === undefined || chosen === undefined) return skip(state);
  const fresh: State = {
    ...state,
    way: chosen,
    problem: undefined,
    waiting: { kind: 'starting' },
    token: undefined,
    session: undefined,
    isQrShown: false,
    isCopied: false,
    isSlow: false,
    pasteField: createTextField(),
  };
  const audiences = wantedAudiences(state);
  return stay(fresh, { kind: 'abort' }, { kind: 'issuerLogin', target, way: chosen, audiences });
}

const ways = ['browser', 'device', 'paste'] as const;

function wantedAudiences({ chosen, issuerAudiences }: State): ClusterAudience[] {
  return audiencesOf(chosen.map(cluster => ({ audience: issuerAudiences.get(cluster) })));
}

/** Whether the login that was made is for all clusters that are chosen now. */
function serves({ session, chosen }: State, wanted: readonly ClusterAudience[]): boolean {
  if (session === undefined) return false;
  const had = new Set(session.audiences.map(audience => JSON.stringify(audience)));
  const isCovered = wanted.every(audience => had.has(JSON.stringify(audience)));
  return isCovered && (session.renewable || chosen.length === 1);
}

export function issuerKey(state: State, key: Key): Turn | undefined {
  const { waiting, problem, ways } = state;
  if (waiting?.kind === 'paste') return pasteKey(state, waiting, key);
  if (isText(key, 'w') && ways !== undefined) return stay(withWayList(state, ways));
  if (isText(key, 'n') || (key.name === 'enter' && problem !== undefined))
    return beginIssuerLogin(state, state.way);
  if (waiting?.kind !== 'browser' && waiting?.kind !== 'device') return undefined;
  if (isText(key, 'o')) return stay(state, { kind: 'openBrowser', url: waiting.url });
  if (isText(key, 'd')) return stay(state, { kind: 'playPerson', url: waiting.url });
  if (isText(key, 'c')) return copyAddress(state, waiting.url);
  if (isText(key, 'q')) return stay({ ...state, isQrShown: !state.isQrShown });
  return undefined;
}

export function copyAddress(state: State, { href: text }: URL): Turn | undefined {
  return state.canCopy ? stay({ ...state, isCopied: true }, { kind: 'copy', text }) : undefined;
}

/** Letters belong to the field here, so what they do elsewhere is on other keys. */
function pasteKey(state: State, waiting: Extract<Waiting, { kind: 'paste' }>, key: Key): Turn | undefined {
  const { pasteField, ways } = state;
  if (key.name === 'tab') return ways === undefined ? undefined : stay(withWayList(state, ways));
  if (isCtrl(key, 'y')) return copyAddress(state, waiting.url);
  if (key.name === 'enter') {
    if (pasteField.value === '' || waiting.checking) return undefined;
    const checking: State = { ...state, problem: undefined, waiting: { ...waiting, checking: true } };
    return stay({ ...checking, pasteField: createTextField() }, { kind: 'paste', text: pasteField.value });
  }
  const changed = textFieldKey(pasteField, key);
  return changed === pasteField ? undefined : stay({ ...state, pasteField: changed, problem: undefined });
}

/** The ways there are, and what each would need; one that the issuer does not allow cannot be chosen. */
export function withWayList(state: State, { way: picked, why, others }: Ways): State {
  const items = [
    { id: picked, label: texts.wayNames(picked), detail: why },
    ...others.map(({ way, needs, possible }) => ({
      id: way,
      label: texts.wayNames(way),
      // What only a flag is needed for is chosen right here.
      ...(possible
        ? !needs.startsWith('--') && { detail: texts.wayNeeds(needs) }
        : { disabledReason: needs }),
    })),
  ];
  return { ...state, wayList: createSelectList(items, { activeId: state.way }) };
}

export function issuerEvent(
  state: State,
  event: Extract<EffectEvent, { type: 'deviceCode' | 'browserOpened' | 'loggedIn' | 'pasteRefused' }>,
): Turn {
  switch (event.type) {
    case 'deviceCode':
      return stay(withDeviceCode(state, event));
    case 'browserOpened':
      return stay(
        state.waiting?.kind === 'device' ? { ...state, waiting: { ...state.waiting, opened: true } } : state,
      );
    case 'pasteRefused':
      return stay(
        withProblem(
          state.waiting?.kind === 'paste'
            ? { ...state, waiting: { ...state.waiting, checking: false } }
            : state,
          event.error,
        ),
      );
    case 'loggedIn': {
      const { token, renewable } = event;
      const session = { renewable, audiences: wantedAudiences(state) };
      return next({ ...state, waiting: undefined, wayList: undefined, token, session });
    }
  }
}

function withDeviceCode(state: State, { code, opened }: Extract<EffectEvent, { type: 'deviceCode' }>): State {
  const { verificationUri, verificationUriComplete: complete, userCode } = code;
  const waiting: Waiting = {
    kind: 'device',
    url: complete ?? verificationUri,
    code,
    opened,
    trouble: undefined,
  };
  const lines = [
    '',
    texts.deviceAddress,
    verificationUri.href,
    texts.deviceEnter,
    userCode,
    ...(complete === undefined ? [] : [texts.deviceComplete, complete.href]),
  ];
  return { ...state, waiting, printed: [...state.printed, ...lines] };
}

export function withIssuerAddress(state: State, url: URL, opened: boolean): State {
  const waiting: Waiting =
    state.way === 'paste'
      ? { kind: 'paste', url, opened, checking: false }
      : { kind: 'browser', url, opened };
  const lead = opened
    ? [texts.opened, texts.addressOpened]
    : state.way === 'paste'
      ? [texts.addressToOpen]
      : browserLead(state, url);
  return { ...state, waiting, printed: [...state.printed, '', ...lead, url.href] };
}

/** A browser on the machine the person sits at comes back through a port that SSH forwards. */
function browserLead({ forward }: State, url: URL): string[] {
  const redirect = redirectOf(url);
  const command = redirect && forward?.(redirect);
  return command === undefined ? [texts.browserAddress] : [texts.sshForward, command, texts.sshAddress];
}

/** Whether another way can be chosen now. */
export function mayChooseWay({ ways, way }: State): boolean {
  return ways !== undefined && (way === 'portal' || isIssuerWay(way));
}
