import type { IdToken } from '../credentials/id-token.ts';
import type { UserError } from '../errors.ts';
import type { LoginAnswers } from '../login/answers.ts';
import type { Choice, LoginOptions, Method, SignInTime } from '../login/options.ts';
import type { Plan } from '../login/plan.ts';
import type { Cluster, ClusterList } from '../portal/clusters.ts';
import type { IdentityProvider } from '../portal/identity-providers.ts';
import type { LoginLink } from '../portal/login-link.ts';
import type { DkpPortal, Trust } from '../portal/portal.ts';
import type { Profile } from '../profiles/profile.ts';
import type { PendingSignIn } from '../sign-in/portal.ts';
import type { ServerCertificates } from '../system/certificates.ts';
import type { RememberedPortal } from '../system/settings.ts';
import type { SelectListState } from './parts/select-list.ts';
import { createTextField, type TextFieldState } from './parts/text-field.ts';

/** The questions in their order. */
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

export type Problem = Pick<UserError, 'message' | 'hint' | 'code'>;

/** A login that waits for its person, at the portal or at a cluster's page. */
export type Waiting =
  | { readonly kind: 'starting' }
  | {
      readonly kind: 'portal';
      readonly url: URL;
      readonly opened: boolean;
      readonly trouble: string | undefined;
    }
  | { readonly kind: 'page'; readonly url: URL; readonly opened: boolean; readonly checking: boolean };

/** One of the sign-ins that follow the first. */
export type FurtherSignIn = { readonly choice: Choice; readonly waiting: Waiting };

export type NameRow = { readonly cluster: Cluster; readonly field: TextFieldState };

/** Everything on the screen follows from this; nothing in it is ever mutated. */
export type State = {
  readonly step: Step;
  /** The questions that were really asked, the latest last: where Escape goes back to. */
  readonly history: readonly Step[];
  /** Answers of effects begun in an earlier turn are out of date and dropped. */
  readonly turn: number;
  /** What is awaited, when the step waits for the network and not for a key. */
  readonly busy: string | undefined;
  readonly problem: Problem | undefined;
  readonly leaving: boolean;
  /** Addresses to copy: printed once above the rest, each alone on its line. */
  readonly printed: readonly string[];

  readonly answers: LoginAnswers;
  readonly remembered: readonly RememberedPortal[];
  readonly profiles: readonly Profile[];

  readonly linkList: SelectListState | undefined;
  readonly linkField: TextFieldState;
  readonly link: LoginLink | undefined;

  readonly certificates: ServerCertificates | undefined;
  readonly trustList: SelectListState;
  /** Not undefined while a file is being named. */
  readonly caField: TextFieldState | undefined;
  readonly trust: Trust | undefined;

  readonly portal: DkpPortal | undefined;
  readonly clusterList: ClusterList | undefined;
  readonly providers: readonly IdentityProvider[];
  /** A sign-in begun while the providers were read; good for one login. */
  readonly pending: PendingSignIn | undefined;
  readonly providerList: SelectListState | undefined;
  readonly provider: IdentityProvider | undefined;

  readonly way: 'portal' | 'page';
  readonly waiting: Waiting | undefined;
  readonly pageList: SelectListState | undefined;
  readonly pageCluster: Cluster | undefined;
  readonly pasteField: TextFieldState;
  readonly token: IdToken | undefined;

  readonly clusterSelect: SelectListState | undefined;
  readonly chosen: readonly Cluster[];
  readonly audiences: ReadonlyMap<Cluster, readonly string[]>;

  readonly methodList: SelectListState;
  readonly method: Method | undefined;
  readonly timeList: SelectListState;
  readonly signInTime: SignInTime | undefined;

  readonly nameRows: readonly NameRow[];
  readonly activeName: number;

  readonly plan: Plan | undefined;
  readonly further: FurtherSignIn | undefined;
  readonly signedIn: number;
};

/** What one portal told, void when another is asked. */
export const nothingLearnt = {
  portal: undefined,
  clusterList: undefined,
  providers: [],
  pending: undefined,
  providerList: undefined,
  provider: undefined,
  token: undefined,
  pageList: undefined,
  pageCluster: undefined,
  clusterSelect: undefined,
  chosen: [],
  nameRows: [],
} satisfies Partial<State>;

export type Start = Pick<
  State,
  'answers' | 'remembered' | 'profiles' | 'linkList' | 'trustList' | 'methodList' | 'timeList'
>;

export function initialState(start: Start): State {
  return {
    ...start,
    step: 'link',
    history: [],
    turn: 0,
    busy: undefined,
    problem: undefined,
    leaving: false,
    printed: [],
    linkField: createTextField('', { maxLength: 2000 }),
    link: undefined,
    certificates: undefined,
    caField: undefined,
    trust: undefined,
    ...nothingLearnt,
    way: start.answers.signIn === 'page' ? 'page' : 'portal',
    waiting: undefined,
    pasteField: createTextField(),
    audiences: new Map(),
    method: undefined,
    signInTime: undefined,
    activeName: 0,
    plan: undefined,
    further: undefined,
    signedIn: 0,
  };
}

/** The plain options that the answers amount to; the same that flags fill. */
export function optionsOf(state: State, choices: readonly Choice[]): LoginOptions | undefined {
  const { portal, method } = state;
  if (portal === undefined || method === undefined) return undefined;
  const offered = state.clusterList?.clusters.length ?? 0;
  return {
    portal,
    identityProvider: state.way === 'page' ? undefined : state.provider?.id,
    choices,
    allClusters: choices.length === offered && offered > 1,
    method,
    output: state.answers.output,
    setCurrent: state.answers.setCurrent,
    signInTime: state.signInTime ?? 'first',
  };
}
