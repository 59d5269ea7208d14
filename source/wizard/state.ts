import type { IdToken } from '../credentials/id-token.ts';
import type { UserError } from '../errors.ts';
import type { LoginAnswers } from '../login/answers.ts';
import type { Method, SignInTime } from '../login/options.ts';
import type { Plan } from '../login/plan.ts';
import type { Target } from '../login/target.ts';
import type { Cluster, ClusterList } from '../portal/clusters.ts';
import type { IdentityProvider } from '../portal/identity-provider.ts';
import type { LoginLink } from '../portal/login-link.ts';
import type { DkpPortal, Trust } from '../portal/portal.ts';
import type { Profile } from '../profiles/profile.ts';
import type { ProfileName } from '../profiles/profile-name.ts';
import type { ClusterAudience } from '../sign-in/issuer-client.ts';
import type { PendingSignIn } from '../sign-in/portal.ts';
import type { ServerCertificates } from '../system/certificates.ts';
import type { RememberedPortal } from '../system/settings.ts';
import type { SelectListState } from './parts/select-list.ts';
import { createTextField, type TextFieldState } from './parts/text-field.ts';
import { type Destination, destinationOf } from './steps/destination.ts';
import type { Step } from './steps/order.ts';
import type { FurtherSignIn, IssuerWay, Waiting, Ways } from './waiting.ts';

/** What a login at the issuer was for, and whether it left something to get each cluster's token with. */
export type IssuerSession = {
  readonly renewable: boolean;
  readonly audiences: readonly ClusterAudience[];
};

export type Problem = Pick<UserError, 'message' | 'hint' | 'code'>;

/** A question that has its answer, asked or not. */
export type Answered = { readonly label: string; readonly value: string };

/** What goes above the live part: a line as it is, what a finished question came to, or sentences to be read. */
export type Line = string | Answered | Prose;

/** `isOfKeys`: says which keys there are, which means nothing where lines are answered. */
export type Prose = { readonly prose: string; readonly isOfKeys?: boolean };

/** A wizard that was left on its way: what had been answered, none of it secret. */
export type Interrupted = {
  readonly loginLink: string;
  readonly step: Step;
  /** Milliseconds since the epoch. */
  readonly leftAt: number;
  readonly identityProvider?: string | undefined;
  /** API servers. */
  readonly clusters?: readonly string[] | undefined;
  readonly method?: Method | undefined;
  readonly signInTime?: SignInTime | undefined;
  /** Profile names by API server. */
  readonly names?: Readonly<Record<string, string>> | undefined;
};

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
  /** Printed once above the rest: addresses to copy, each alone on its line, and finished questions. */
  readonly printed: readonly Line[];
  /** What is awaited takes longer than people expect. */
  readonly isSlow: boolean;
  readonly progress: { readonly done: number; readonly all: number } | undefined;
  /** API servers that were seen to answer, or not to. */
  readonly reached: ReadonlyMap<string, boolean>;
  /** The answers of a wizard that was left, given again one by one until the question it was left at. */
  readonly resuming: Interrupted | undefined;
  readonly interrupted: Interrupted | undefined;

  readonly answers: LoginAnswers;
  readonly remembered: readonly RememberedPortal[];
  readonly profiles: readonly Profile[];
  /** Names whose files cannot be read; nobody can have them. */
  readonly spoilt: readonly ProfileName[];

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

  /** Where the login is to when it is at an issuer. */
  readonly target: Target | undefined;
  readonly ways: Ways | undefined;
  /** Not undefined while another way is being chosen. */
  readonly wayList: SelectListState | undefined;
  readonly session: IssuerSession | undefined;
  /** How each chosen cluster's token is asked from the issuer. */
  readonly issuerAudiences: ReadonlyMap<Cluster, ClusterAudience>;
  readonly isQrShown: boolean;
  /** The terminal was asked to copy the address. */
  readonly isCopied: boolean;
  readonly canCopy: boolean;
  /** The command that lets a browser elsewhere come back to this address here; undefined where none is needed. */
  readonly forward: ((redirectUri: URL) => string | undefined) | undefined;

  readonly way: 'portal' | 'page' | IssuerWay;
  readonly waiting: Waiting | undefined;
  readonly pageList: SelectListState | undefined;
  readonly pageCluster: Cluster | undefined;
  readonly pasteField: TextFieldState;
  readonly token: IdToken | undefined;
  /** Asked of who comes back to a login that was made. */
  readonly accountList: SelectListState;

  readonly clusterSelect: SelectListState | undefined;
  readonly chosen: readonly Cluster[];
  readonly audiences: ReadonlyMap<Cluster, readonly string[]>;

  readonly methodList: SelectListState;
  readonly method: Method | undefined;
  readonly timeList: SelectListState;
  readonly signInTime: SignInTime | undefined;

  readonly nameRows: readonly NameRow[];
  readonly activeName: number;

  readonly destination: Destination;
  readonly plan: Plan | undefined;
  /** Rows of the plan that are above its window. */
  readonly scrolled: number;
  readonly further: FurtherSignIn | undefined;
  readonly signedIn: number;
  readonly areFilesWritten: boolean;
};

/** What one portal told, void when another is asked. */
export const nothingLearnt = {
  portal: undefined,
  clusterList: undefined,
  providers: [],
  pending: undefined,
  providerList: undefined,
  provider: undefined,
  target: undefined,
  ways: undefined,
  wayList: undefined,
  session: undefined,
  issuerAudiences: new Map<Cluster, ClusterAudience>(),
  token: undefined,
  pageList: undefined,
  pageCluster: undefined,
  clusterSelect: undefined,
  chosen: [],
  nameRows: [],
  reached: new Map<string, boolean>(),
} satisfies Partial<State>;

export type Start = Pick<
  State,
  'answers' | 'remembered' | 'profiles' | 'linkList' | 'trustList' | 'accountList' | 'methodList' | 'timeList'
> &
  Partial<Pick<State, 'canCopy' | 'forward' | 'interrupted' | 'spoilt'>>;

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
    isSlow: false,
    progress: undefined,
    resuming: undefined,
    spoilt: start.spoilt ?? [],
    interrupted: start.interrupted,
    linkField: createTextField('', { maxLength: 2000 }),
    link: undefined,
    certificates: undefined,
    caField: undefined,
    trust: undefined,
    ...nothingLearnt,
    way: start.answers.signIn === 'page' ? 'page' : 'portal',
    waiting: undefined,
    isQrShown: false,
    isCopied: false,
    canCopy: start.canCopy ?? false,
    forward: start.forward,
    pasteField: createTextField(),
    audiences: new Map(),
    method: undefined,
    signInTime: undefined,
    activeName: 0,
    destination: destinationOf(start.answers),
    plan: undefined,
    scrolled: 0,
    further: undefined,
    signedIn: 0,
    areFilesWritten: false,
  };
}
