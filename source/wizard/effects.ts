import type { IdToken } from '../credentials/id-token.ts';
import type { UserError } from '../errors.ts';
import type { Choice, LoginOptions } from '../login/options.ts';
import type { Plan } from '../login/plan.ts';
import type { LoginOutcome } from '../login/run.ts';
import type { Target } from '../login/target.ts';
import type { Cluster, ClusterList } from '../portal/clusters.ts';
import type { IdentityProvider } from '../portal/identity-provider.ts';
import type { LoginLink } from '../portal/login-link.ts';
import type { DkpPortal, Trust } from '../portal/portal.ts';
import type { TrustFinding } from '../portal/trust.ts';
import type { Account } from '../profiles/profile.ts';
import type { ProfileName } from '../profiles/profile-name.ts';
import type { DeviceCode } from '../sign-in/device.ts';
import type { ClusterAudience } from '../sign-in/issuer-client.ts';
import type { PendingSignIn } from '../sign-in/portal.ts';
import type { Key } from './parts/keys.ts';
import type { IssuerWay, Ways } from './waiting.ts';

/** Something to be done outside the reducer; each answers with the events named like it. */
export type Effect =
  /** Stop whatever is under way. */
  | { readonly kind: 'abort' }
  | { readonly kind: 'inspect'; readonly link: LoginLink }
  | { readonly kind: 'readCa'; readonly file: string }
  | {
      readonly kind: 'connect';
      readonly link: LoginLink;
      readonly trust: Trust;
      readonly withProviders: boolean;
    }
  | {
      readonly kind: 'openTarget';
      readonly link: LoginLink | undefined;
      readonly trust: Trust | undefined;
    }
  | {
      readonly kind: 'askAudiences';
      readonly target: Target;
      readonly clusters: readonly Cluster[];
    }
  | {
      readonly kind: 'issuerLogin';
      readonly target: Target;
      readonly way: IssuerWay;
      readonly audiences: readonly ClusterAudience[];
    }
  | { readonly kind: 'copy'; readonly text: string }
  | {
      readonly kind: 'signIn';
      readonly portal: DkpPortal;
      readonly provider: string | undefined;
      readonly pending: PendingSignIn | undefined;
      readonly issuers: readonly string[];
    }
  | { readonly kind: 'openPage'; readonly portal: DkpPortal; readonly cluster: Cluster }
  | {
      readonly kind: 'checkPaste';
      readonly portal: DkpPortal;
      readonly cluster: Cluster;
      readonly text: string;
    }
  | { readonly kind: 'openBrowser'; readonly url: URL }
  | { readonly kind: 'playPerson'; readonly url: URL }
  /** Whether each cluster answers, by a handshake without any credential; goes on until it is stopped. */
  | { readonly kind: 'probe'; readonly clusters: readonly Cluster[] }
  | { readonly kind: 'stopProbing' }
  | { readonly kind: 'describe'; readonly portal: DkpPortal; readonly clusters: readonly Cluster[] }
  | { readonly kind: 'plan'; readonly options: LoginOptions }
  | {
      readonly kind: 'run';
      readonly options: LoginOptions;
      readonly tokens: ReadonlyMap<ProfileName, IdToken>;
      /** Whose session at the issuer gives the tokens that are missing. */
      readonly account?: Account | undefined;
    }
  /** For the sign-in that waits for a paste. */
  | { readonly kind: 'paste'; readonly text: string }
  | { readonly kind: 'skipSignIn' }
  | { readonly kind: 'exit'; readonly outcome: LoginOutcome | undefined };

export type EffectEvent =
  | { readonly type: 'failed'; readonly error: UserError }
  | { readonly type: 'inspected'; readonly finding: TrustFinding }
  | { readonly type: 'caRead'; readonly trust: Trust }
  | {
      readonly type: 'connected';
      readonly portal: DkpPortal;
      readonly clusters: ClusterList;
      readonly providers: readonly IdentityProvider[];
      readonly pending: PendingSignIn | undefined;
    }
  | { readonly type: 'targetOpened'; readonly target: Target; readonly ways: Ways | undefined }
  | { readonly type: 'deviceCode'; readonly code: DeviceCode; readonly opened: boolean }
  | { readonly type: 'browserOpened' }
  | { readonly type: 'loggedIn'; readonly token: IdToken; readonly renewable: boolean }
  | {
      readonly type: 'audiencesKnown';
      readonly audiences: ReadonlyMap<Cluster, ClusterAudience>;
    }
  | { readonly type: 'address'; readonly url: URL; readonly opened: boolean }
  | { readonly type: 'trouble'; readonly message: string | undefined }
  | { readonly type: 'signedIn'; readonly token: IdToken }
  | { readonly type: 'described'; readonly audiences: ReadonlyMap<Cluster, readonly string[]> }
  | { readonly type: 'planned'; readonly plan: Plan }
  | { readonly type: 'further'; readonly choice: Choice }
  /** The files are there; tokens of further clusters are still being asked for. */
  | { readonly type: 'written' }
  | { readonly type: 'furtherDone' }
  | { readonly type: 'pasteRefused'; readonly error: UserError }
  | { readonly type: 'done'; readonly outcome: LoginOutcome }
  /** What is under way takes longer than people expect. */
  | { readonly type: 'slow' }
  /** So many of what is under way are done. */
  | { readonly type: 'progress'; readonly done: number; readonly all: number }
  /** Which API servers were found to answer, and which not. */
  | { readonly type: 'probed'; readonly answers: ReadonlyMap<string, boolean> };

/** Tells what comes of an effect. */
export type Emit = (event: EffectEvent) => void;

export type WizardEvent =
  | { readonly type: 'key'; readonly key: Key }
  | (EffectEvent & { readonly turn: number });
