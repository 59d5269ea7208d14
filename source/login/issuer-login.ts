import { forgetRenewalFailures } from '../credentials/flight.ts';
import type { IdToken } from '../credentials/id-token.ts';
import { type RenewOptions, renewToken } from '../credentials/renew.ts';
import { openSecretStore, type Place } from '../credentials/secret-store.ts';
import { type SessionKey, sessionId, sessionOf } from '../credentials/session.ts';
import { keepSession, openSessions, type SessionStore } from '../credentials/session-store.ts';
import type { StoreChoice } from '../credentials/store-choice.ts';
import { UserError } from '../errors.ts';
import type { Portal } from '../portal/portal.ts';
import {
  type Account,
  isMachine,
  type Profile,
  type ProfileClient,
  type SignInWay,
} from '../profiles/profile.ts';
import { listReadableProfiles, readProfile } from '../profiles/registry.ts';
import { signInWithBrowser } from '../sign-in/browser.ts';
import { signInWithClientCredentials } from '../sign-in/client-credentials.ts';
import { type DeviceCode, signInWithDevice } from '../sign-in/device.ts';
import type { ClusterAudience, SignedIn } from '../sign-in/issuer-client.ts';
import { connectIssuer, type IssuerConnection, requireWay } from '../sign-in/issuer-connection.ts';
import type { ListenAddress } from '../sign-in/loopback.ts';
import { signInWithPassword } from '../sign-in/password.ts';
import { signInByPaste } from '../sign-in/paste.ts';
import { askAtTerminal, readPaste, showAddress, showDeviceCode } from '../sign-in/prompt.ts';
import { signInByTokenExchange } from '../sign-in/token-exchange.ts';
import { type BrowserChoice, hasBrowser } from '../system/browser.ts';
import type { Environment, Paths } from '../system/paths.ts';
import { forwardCommand, redirectOf } from '../system/ssh.ts';
import { canAsk, type Streams, write } from '../system/streams.ts';
import { audienceOf, audiencesOf } from './audiences.ts';
import type { Choice, IssuerLogin } from './options.ts';
import type { SignIn } from './run.ts';

const usualTimeoutSeconds = 300;
/** A login that is ended at once was ended by another one, which is about to store its session. */
const rivalLoginMs = 3000;
const usualPasteAddress = '127.0.0.1:8000';

export type IssuerSignInContext = {
  readonly portal: Portal;
  readonly login: IssuerLogin;
  readonly paths: Paths;
  readonly streams: Streams;
  readonly browser: BrowserChoice;
  readonly signal: AbortSignal;
  readonly timeoutSeconds: number | undefined;
};

/** What a login left: a session for all the clusters it was for, or a single token and nothing to renew it with. */
export type IssuerLoginResult = {
  readonly token: IdToken;
  readonly place: Place | undefined;
};

/** What a way to sign in needs of a person's screen. */
export type IssuerScreen = {
  showAddress(url: URL): Promise<void>;
  showCode(code: DeviceCode): Promise<void>;
  onTrouble(trouble: UserError | undefined): void;
  /** Asks for the address that the browser ended on; told what was wrong with what was pasted before. */
  readPaste(trouble: string | undefined): Promise<string>;
  /** Asks for what was not given; not given itself where nobody can be asked. */
  readonly ask?: (question: string, hidden: boolean) => Promise<string>;
};

export type IssuerLoginRequest = {
  readonly login: IssuerLogin;
  readonly sessions: SessionStore;
  readonly way: SignInWay;
  readonly clusters: readonly ClusterAudience[];
  readonly account: Account | undefined;
  readonly paths: Paths;
  readonly timeoutSeconds: number | undefined;
  readonly signal: AbortSignal;
};

/** Signs in, and keeps what the issuer gave to renew with. */
export async function loginAtIssuer(
  connection: IssuerConnection,
  request: IssuerLoginRequest,
  screen: IssuerScreen,
): Promise<IssuerLoginResult> {
  const { way } = request;
  const begun = Date.now();
  const clusters = isMachine(way)
    ? request.clusters
    : different([...request.clusters, ...(await audiencesToKeep(request))]);
  const signedIn = await signInAt(connection, { ...request, clusters }, screen);
  const { token } = signedIn;
  const session = sessionOf(request.login.client, signedIn);
  if (session !== undefined) {
    const place = await keepSession(request.sessions, session, { begun });
    for (const { name } of await profilesOf(session, request.paths)) {
      await forgetRenewalFailures(request.paths, name);
    }
    return { token, place };
  }
  const { length } = clusters;
  if (length <= 1) return { token, place: undefined };
  // A token that several clusters accept as theirs is nobody's.
  throw new UserError(
    'TOKEN_INVALID',
    `The issuer gave one token for ${length} clusters, and nothing to ask for others with.`,
    {
      hint: 'Nothing was stored. Sign in for one cluster at a time, or have the issuer grant the scope offline_access.',
    },
  );
}

/**
 * One cluster's token out of the session that a login left.
 * @throws UserError LOGIN_NEEDED, NETWORK, TOKEN_INVALID, ...
 */
export async function tokenFromSession(
  choice: Choice,
  options: Omit<RenewOptions, 'audience'>,
): Promise<IdToken> {
  const renewal = await renewToken({ rivalMs: rivalLoginMs, ...options, audience: audienceOf(choice) });
  if (renewal.kind === 'renewed') return renewal.token;
  if (renewal.kind === 'done') throw new Error('nobody said that it was done');
  throw renewal.error;
}

/**
 * One login at the issuer for all the clusters of a run. What it leaves is a session; each profile's token is then
 * asked from the issuer for its own cluster alone. An issuer that gives nothing to renew with gives one token, and it
 * serves the one cluster it was asked for.
 */
export function createIssuerSignIn(choices: readonly Choice[], context: IssuerSignInContext): SignIn {
  const { login, portal, paths, streams, signal, timeoutSeconds } = context;
  const { client } = login;
  const http = portal.httpFor(client.issuer);
  const sessions = sessionsFor(login.settings.credentialStore, { paths, env: streams.env });
  let connection: Promise<IssuerConnection> | undefined;
  let session: Account | undefined;

  const connect = () => (connection ??= connectIssuer(http, client, signal));

  async function signInOnce(choice: Choice): Promise<IssuerLoginResult> {
    const clusters = isMachine(choice.signIn) ? [audienceOf(choice)] : audiencesOf(choices);
    const account = (await readProfile(paths, choice.profile))?.account;
    const request = { login, sessions, way: choice.signIn, clusters, account, paths, timeoutSeconds, signal };
    const result = await loginAtIssuer(await connect(), request, commandLineScreen(context, choice.signIn));
    if (result.place === undefined) return result;
    const { kind, why } = result.place;
    const { label } = result.token.account;
    await write(
      streams.stderr,
      `Signed in as ${label}. The session is kept in ${placeWords[kind]}, because ${why}.\n`,
    );
    return result;
  }

  return async choice => {
    if (session === undefined) {
      const { token, place } = await signInOnce(choice);
      if (place === undefined) return token;
      session = token.account;
    }
    return tokenFromSession(choice, {
      http,
      client,
      sessions,
      account: session,
      connection: await connect(),
      signal,
    });
  };
}

function commandLineScreen(
  { streams, browser, signal }: IssuerSignInContext,
  way: Choice['signIn'],
): IssuerScreen {
  return {
    async showAddress(url) {
      const redirect = way === 'browser' ? redirectOf(url) : undefined;
      const command = redirect && forwardCommand(streams.env, redirect);
      if (command !== undefined && !hasBrowser(browser)) {
        await write(
          streams.stderr,
          `On the machine you sit at, run this and leave it running:\n${command}\n`,
        );
      }
      await showAddress(url, 'to sign in', browser, streams);
    },
    showCode: code => showDeviceCode(code, browser, streams),
    onTrouble(trouble) {
      if (trouble !== undefined) void write(streams.stderr, `Still waiting: ${trouble.message}\n`);
    },
    async readPaste(trouble) {
      if (trouble !== undefined) await write(streams.stderr, `${trouble}\n`);
      return readPaste('Paste the address that the browser ended on, or the code in it: ', streams, signal);
    },
    ...(canAsk(streams) && {
      ask: (question: string, hidden: boolean) => askAtTerminal(question, streams, { signal, hidden }),
    }),
  };
}

const placeWords = {
  keyring: "the system's keyring",
  file: 'a file of yours alone',
  none: 'this process only',
} as const;

export function sessionsFor(
  choice: StoreChoice,
  { paths, env }: { readonly paths: Paths; readonly env: Environment },
): SessionStore {
  return openSessions(paths, openSecretStore({ choice, env }));
}

const different = (audiences: readonly ClusterAudience[]) => [
  ...new Map(audiences.map(audience => [JSON.stringify(audience), audience])).values(),
];

/** A login ends the session before it at the issuer; whoever lives on that one must find the same in the new one. */
async function audiencesToKeep({ login, sessions, paths }: IssuerLoginRequest): Promise<ClusterAudience[]> {
  const { issuer, clientId } = login.client;
  const audiences: ClusterAudience[] = [];
  for (const { account, audience } of await profilesOf({ issuer, clientId }, paths)) {
    if (!account || !audience) continue;
    const kept = await sessions.read(sessionId({ issuer, clientId, account }));
    if (kept.kind !== 'none' && audience.kind !== 'shared') audiences.push(audience);
  }
  return audiences;
}

/** The profiles that sign in at an issuer in the name of one client. */
async function profilesOf(
  { issuer, clientId }: Pick<SessionKey, 'issuer' | 'clientId'>,
  paths: Paths,
): Promise<Profile[]> {
  const { profiles } = await listReadableProfiles(paths);
  return profiles.filter(({ client, ...profile }) => client?.id === clientId && profile.issuer === issuer);
}

async function signInAt(
  connection: IssuerConnection,
  wanted: IssuerLoginRequest,
  screen: IssuerScreen,
): Promise<SignedIn> {
  const { login, way, signal, clusters, account } = wanted;
  const request = { clusters, account, signal };
  const showAddress = (url: URL) => screen.showAddress(url);
  const { settings, credentials } = login;
  const { ask: askPerson } = screen;
  const ask = (question: string, hidden = false) => askPerson && (() => askPerson(question, hidden));
  switch (way) {
    case 'browser':
      return signInWithBrowser(connection, {
        ...request,
        ...(settings.listen.length > 0 && { listen: settings.listen.map(parseListenAddress) }),
        redirectHost: settings.redirectHost,
        showAddress,
        timeoutMs: (wanted.timeoutSeconds ?? usualTimeoutSeconds) * 1000,
      });
    case 'device':
      return signInWithDevice(connection, {
        ...request,
        showCode: code => screen.showCode(code),
        onTrouble: trouble => screen.onTrouble(trouble),
      });
    case 'paste':
      return signInByPaste(connection, {
        ...request,
        redirectUri: pasteRedirect(settings),
        showAddress,
        readPaste: trouble => screen.readPaste(trouble),
      });
    case 'client-credentials':
      return signInWithClientCredentials(connection, request);
    case 'token-exchange':
      return signInByTokenExchange(connection, {
        ...request,
        subjectToken: await needed(credentials.subjectToken, '--subject-token-file FILE'),
      });
    case 'password':
      requireWay(way, connection);
      return signInWithPassword(connection, {
        ...request,
        username: credentials.username ?? (await needed(ask('User name: '), '--username NAME')),
        password: await needed(credentials.password ?? ask('Password: ', true), '--password-fd N'),
      });
    default:
      throw new UserError('USAGE', `${way} is not a way to sign in at an issuer.`);
  }
}

/** Nothing listens there: the browser only has to end on an address that the issuer lets it go to. */
function pasteRedirect({ listen: [first = usualPasteAddress], redirectHost }: ProfileClient): string {
  const { host, port } = parseListenAddress(first);
  const bracketed = host.includes(':') ? `[${host}]` : host;
  return `http://${redirectHost ?? bracketed}:${port}/callback`;
}

async function needed(read: (() => Promise<string>) | undefined, flag: string): Promise<string> {
  if (read !== undefined) return read();
  throw new UserError('MISSING_ANSWERS', `This way to sign in needs ${flag}.`);
}

/** @throws UserError USAGE */
export function parseListenAddress(text: string): ListenAddress {
  const match = /^(?:(?<host>[\w.]+|\[[\da-f:]+\]):)?(?<port>\d{1,5})$/i.exec(text);
  const port = Number(match?.groups?.['port']);
  if (match !== null && port < 65_536)
    return { host: (match.groups?.['host'] ?? '127.0.0.1').replace(/[[\]]/g, ''), port };
  throw new UserError(
    'USAGE',
    `--listen takes ADDRESS:PORT, for example 127.0.0.1:8000; "${text}" is not that.`,
  );
}
