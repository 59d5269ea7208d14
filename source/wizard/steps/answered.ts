import { shortList } from '../../text.ts';
import type { Answered, Line, State } from '../state.ts';
import { texts } from '../texts.ts';
import { isIssuerWay } from '../waiting.ts';
import type { Step } from './order.ts';

/** One line each. */
const mostNamed = 8;

const describe: Partial<Record<Step, (state: State) => string | undefined>> = {
  link({ link }) {
    if (link === undefined) return undefined;
    const scope = link.workspace === undefined ? texts.globalLink : texts.workspaceLink(link.workspace);
    return `${new URL(link.origin).host} (${scope})`;
  },
  trust: ({ trust }) =>
    trust === undefined ? undefined : trust.kind === 'system' ? texts.systemTrust : texts.ownTrust,
  provider: ({ provider, target }) =>
    provider?.name ?? (target?.issuerLogin && new URL(target.issuerLogin.client.issuer).host),
  login: ({ token }) =>
    token &&
    `${token.account.label}${token.groups.length > 0 ? ` (${shortList(token.groups, mostNamed)})` : ''}`,
  clusters: ({ chosen }) =>
    chosen.length === 0
      ? undefined
      : shortList(
          chosen.map(cluster => cluster.name),
          mostNamed,
        ),
  method: ({ method }) =>
    method && { 1: texts.methodOne, 2: texts.methodTwo, token: texts.methodToken }[method],
  time({ signInTime, chosen, method, way }) {
    if (isIssuerWay(way) || chosen.length < 2 || method === 'token' || signInTime === undefined)
      return undefined;
    return signInTime === 'all' ? texts.answeredNow : texts.answeredLater;
  },
  names: ({ nameRows }) =>
    shortList(
      nameRows.map(({ field }) => field.value),
      mostNamed,
    ),
};

/** What a question came to, asked or not. */
export function answeredLine(state: State, step: Step): Answered | undefined {
  const value = describe[step]?.(state);
  return value === undefined || value === '' ? undefined : { label: texts.titles[step], value };
}

export const isAnswer = (line: Line): line is Answered => typeof line !== 'string' && 'label' in line;

/** A line above the live part without any sequence. */
export function plainLine(line: Line, done: string): string {
  if (typeof line === 'string') return line;
  return isAnswer(line) ? `${done} ${line.label}: ${line.value}` : line.prose;
}

/** With a finished question's line, unless the same was said of it last. */
export function withAnswered(state: State, step: Step): State {
  const line = answeredLine(state, step);
  if (line === undefined) return state;
  const last = state.printed.filter(isAnswer).findLast(({ label }) => label === line.label);
  return last?.value === line.value ? state : { ...state, printed: [...state.printed, line] };
}
