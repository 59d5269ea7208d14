import type { SignIn } from './browser.ts';
import type { FaultSwitch } from './faults.ts';
import type { Intercept } from './https-server.ts';
import type { TokenMint } from './mint.ts';

export type DemoUser = {
  readonly login: string;
  readonly password: string;
  /** id of the identity provider (Dex connector) */
  readonly identityProvider: string;
  readonly email: string;
  readonly name: string;
  readonly groups: readonly string[];
  /** what this user is for, in plain words */
  readonly sees: string;
};

export type DemoIdentityProvider = {
  readonly id: string;
  readonly name: string;
  /** Dex's connector type; only the icon depends on it */
  readonly type: string;
  /** null: offered everywhere */
  readonly workspace: string | null;
};

export type DemoWorkspace = { readonly name: string; readonly displayName: string };

export type DemoCluster = {
  readonly name: string;
  readonly displayName: string;
  readonly workspace: string | null;
  /** as `/token/plugin/providers` and the download name it */
  readonly clusterHostname: string;
  readonly server: string;
  /** PEM of the API server's certificate authority */
  readonly ca: string;
  /** the audience its API server accepts */
  readonly audience: string;
  /** the OIDC client that its own login page uses */
  readonly clientId: string;
  readonly reachable: boolean;
};

/** Everything a person or a script needs to use the demo; plain JSON. */
export type DemoDocument = {
  readonly loginLinks: { readonly global: string; readonly workspaces: Readonly<Record<string, string>> };
  readonly workspaces: readonly DemoWorkspace[];
  readonly caFile: string;
  /** PEM of what is in `caFile` */
  readonly ca: string;
  readonly issuer: string;
  readonly port: number;
  readonly identityProviders: readonly DemoIdentityProvider[];
  readonly users: readonly DemoUser[];
  readonly clusters: readonly DemoCluster[];
  /** the client of the asynchronous sign-in, and a public one for loopback and device sign-in */
  readonly clients: { readonly portal: string; readonly public: string };
};

/** A cluster that is already there; the token service lists it, and starts nothing for it. */
export type GivenCluster = {
  readonly name: string;
  readonly displayName?: string;
  readonly workspace?: string;
  /** what the platform calls its host; by default the one in the address of the server */
  readonly hostname?: string;
  readonly server: string;
  /** PEM, or "" for the system's roots */
  readonly ca: string;
  readonly audience?: string;
  readonly client?: { readonly id: string; readonly secret: string; readonly scopes?: readonly string[] };
};

/** An issuer that is already there, a real Dex for example; `/dex` is not served then. */
export type GivenIssuer = {
  readonly url: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** PEM of the issuer's certificate authority */
  readonly ca?: string;
  /** client secrets by client id, for clusters with a client of their own */
  readonly secrets?: Readonly<Record<string, string>>;
};

export type DemoOptions = {
  /** the portal's port; the API servers always take free ones */
  readonly port?: number;
  /** where the CA file goes; a private folder that is removed at the end unless given */
  readonly folder?: string;
  /** milliseconds, for everything but what the OpenID provider library times itself */
  readonly now?: () => number;
  readonly tokenLifetimeSeconds?: number;
  readonly asyncTtlSeconds?: number;
  /** what the device authorization answers as `interval`; Dex says 5 */
  readonly deviceIntervalSeconds?: number;
  /** `loopback` names clusters by their URL's host, so that all of them share one name */
  readonly hostnames?: 'distinct' | 'loopback';
  /** leaves out all other clusters and identity providers, and whom they serve */
  readonly only?: { readonly clusters?: readonly string[]; readonly identityProviders?: readonly string[] };
  readonly issuer?: GivenIssuer;
  readonly clusters?: readonly GivenCluster[];
};

/** A request that a server of the demo answered. */
export type DemoRequest = {
  readonly at: number;
  /** `portal`, or the name of a cluster */
  readonly server: string;
  readonly method: string;
  /** with its query */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  /** of at most 64 KiB */
  readonly body: string;
  /** the bearer token of the request: as sent, and its claims when it is a JWT at all */
  readonly bearer?: { readonly raw: string; readonly claims: Readonly<Record<string, unknown>> | undefined };
  /** 0 until the answer has begun */
  readonly status: number;
};

export type Demo = {
  readonly document: DemoDocument;
  readonly requests: readonly DemoRequest[];
  /** requests of one server whose path begins with `path` */
  requestsTo(server: string, path?: string): DemoRequest[];
  forgetRequests(): void;
  readonly faults: FaultSwitch;
  /** answers requests instead of the demo, `times` times; returns the way to stop */
  intercept(
    match: string | RegExp,
    handler: Intercept,
    options?: { server?: string; times?: number },
  ): () => void;
  /** plays the browser of a person: follows, chooses, fills the form, and returns the last page */
  readonly signIn: SignIn;
  readonly user: (login: string) => DemoUser;
  readonly cluster: (name: string) => DemoCluster;
  /** signs any claims with the issuer's key, or wrongly */
  readonly mint: TokenMint;
  /** sets the clock of everything forward */
  advance(seconds: number): void;
  now(): number;
  /** a new signing key; `keepOld` leaves the former one in the key set, as a rotation does */
  rotateKeys(options?: { keepOld?: boolean }): Promise<void>;
  close(): Promise<void>;
};
