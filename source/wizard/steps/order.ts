import type { LoginAnswers } from '../../login/answers.ts';

/** The questions in their usual order. */
export const steps = [
  'link',
  'trust',
  'provider',
  'login',
  'clusters',
  'method',
  'time',
  'names',
  'review',
  'run',
] as const;
export type Step = (typeof steps)[number];

/** At an issuer the clusters come before the login, which is for their tokens and nobody else's. */
const issuerSteps: readonly Step[] = [
  'link',
  'trust',
  'provider',
  'clusters',
  'login',
  'method',
  'time',
  'names',
  'review',
  'run',
];

export function stepsOf({ answers }: { readonly answers: LoginAnswers }): readonly Step[] {
  return isForIssuer(answers) ? issuerSteps : steps;
}

/** Whether the answers are about a login at the issuer itself. */
export function isForIssuer({ issuer, signIn }: LoginAnswers): boolean {
  return issuer !== undefined && signIn !== 'portal' && signIn !== 'page';
}
