import type { Demo } from '../../source/demo/index.ts';
import type { Step } from '../../source/wizard/steps/order.ts';
import { flags, type Wizard } from './wizard-terminal.ts';

export type Way = {
  readonly step: Step;
  readonly args: (demo: Demo) => string[];
  readonly keys?: (wizard: Wizard) => Promise<void>;
};

export const later = (demo: Demo, ...more: string[]) =>
  flags(demo, '--idp', 'corporate', '--sign-in-later', ...more);
const named = ['--cluster', 'blue-prod', '--method', '2'];

/** The shortest way to each question; nothing has been written at any of them. */
export const shortestWays: readonly Way[] = [
  { step: 'link', args: () => [] },
  { step: 'trust', args: demo => ['login', demo.document.loginLinks.global] },
  { step: 'provider', args: demo => flags(demo) },
  { step: 'login', args: demo => flags(demo, '--idp', 'corporate') },
  { step: 'clusters', args: demo => later(demo) },
  { step: 'method', args: demo => later(demo, '--cluster', 'blue-prod') },
  {
    step: 'time',
    args: demo => flags(demo, '--idp', 'corporate', '--method', '1', '--all-clusters'),
    keys: async wizard => void (await wizard.signIn('ada')),
  },
  { step: 'names', args: demo => later(demo, ...named) },
  {
    step: 'review',
    args: demo => later(demo, ...named),
    keys: async wizard => {
      await wizard.at('names');
      await wizard.press('enter');
    },
  },
];
