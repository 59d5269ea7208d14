import type { State, Step } from '../state.ts';
import { isIssuerWay, stepsOf } from '../state.ts';
import { texts } from '../texts.ts';

/** A question that has its answer, asked or not. */
export type Answered = { readonly label: string; readonly value: string };

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
    token && `${token.account.label}${token.groups.length > 0 ? ` (${token.groups.join(', ')})` : ''}`,
  clusters: ({ chosen }) =>
    chosen.length === 0 ? undefined : chosen.map(cluster => cluster.name).join(', '),
  method: ({ method }) =>
    method && { 1: texts.methodOne, 2: texts.methodTwo, token: texts.methodToken }[method],
  time({ signInTime, chosen, method, way }) {
    if (isIssuerWay(way) || chosen.length < 2 || method === 'token' || signInTime === undefined)
      return undefined;
    return signInTime === 'all' ? texts.answeredNow : texts.answeredLater;
  },
  names: ({ nameRows }) => nameRows.map(({ field }) => field.value).join(', '),
};

/** The answers up to the question at hand, those that were not asked among them. */
export function answeredLines(state: State): Answered[] {
  const steps = stepsOf(state);
  return steps.slice(0, steps.indexOf(state.step)).flatMap(step => {
    const value = describe[step]?.(state);
    return value === undefined || value === '' ? [] : [{ label: texts.titles[step], value }];
  });
}
