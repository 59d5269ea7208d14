import type { OnConflict } from '../kubeconfig/merge.ts';
import type { Cluster } from '../portal/clusters.ts';
import type { Portal } from '../portal/portal.ts';
import type { ProfileClient, SignInWay } from '../profiles/profile.ts';
import type { ProfileName } from '../profiles/profile-name.ts';
import type { ClusterAudience, IssuerClient } from '../sign-in/issuer-client.ts';

/** How the outcome is laid out on disk. */
export const methods = ['1', '2', 'token'] as const;
export type Method = (typeof methods)[number];

/** One cluster the person wants, and the profile it gets. */
export type Choice = {
  readonly cluster: Cluster;
  readonly profile: ProfileName;
  readonly signIn: SignInWay;
  /** Audiences the cluster's API server accepts, when known. */
  readonly audiences?: readonly string[] | undefined;
  /** How its token is asked from the issuer; undefined where the platform's token service gives it. */
  readonly audience?: ClusterAudience | undefined;
};

/** A login at the issuer itself, in the name of an OAuth client. */
export type IssuerLogin = {
  readonly client: IssuerClient;
  /** What of it is kept with a profile, to sign in again. */
  readonly settings: ProfileClient;
  readonly credentials: MachineCredentials;
  /** The flags that say the same. */
  readonly flags: readonly string[];
};

/** Read when they are needed, from where the person said; never kept. */
export type MachineCredentials = {
  readonly username?: string;
  readonly password?: () => Promise<string>;
  readonly subjectToken?: () => Promise<string>;
};

/** Which of the chosen clusters are signed in to at once; the others are when kubectl first asks. */
export type SignInTime = 'all' | 'first' | 'none';

/** Everything a login needs to know; neither the wizard's nor the flags' own. */
export type LoginOptions = {
  readonly portal: Portal;
  readonly identityProvider: string | undefined;
  readonly issuerLogin?: IssuerLogin | undefined;
  readonly choices: readonly Choice[];
  /** The choices are all there is; then the command that repeats the run says so. */
  readonly allClusters: boolean;
  readonly method: Method;
  /** A file for Method 1, a folder for the others (or a file, for one cluster); undefined for the usual place. */
  readonly output: string | undefined;
  readonly setCurrent: ProfileName | undefined;
  /** Into the kubeconfig that kubectl uses, or into the one of `output`, which is a file then. */
  readonly merge?: boolean | undefined;
  /** What becomes of a name that an entry of somebody else has; `fail` when not said. */
  readonly onConflict?: OnConflict | undefined;
  /** Entries name the plugin without its folder. */
  readonly portable?: boolean | undefined;
  /** A context of a kubeconfig that is there already: its user gets the way to a token, and nothing else is written. */
  readonly into?: { readonly file: string; readonly context: string } | undefined;
  readonly signInTime: SignInTime;
};
