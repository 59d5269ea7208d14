import type { IdToken } from '../credentials/id-token.ts';
import { renewToken } from '../credentials/renew.ts';
import { openSecretStore, type StoreChoice } from '../credentials/secret-store.ts';
import { sessionId, sessionOf } from '../credentials/session.ts';
import { keepSession, openSessions, type SessionStore } from '../credentials/session-store.ts';
import { UserError } from '../errors.ts';
import type { Portal } from '../portal/portal.ts';
import type { Account, ProfileClient, SignInWay } from '../profiles/profile.ts';
import { listProfiles, readProfile } from '../profiles/registry.ts';
import { signInWithBrowser } from '../sign-in/browser.ts';
import { signInWithClientCredentials } from '../sign-in/client-credentials.ts';
import { signInWithDevice } from '../sign-in/device.ts';
import type { ClusterAudience, SignedIn } from '../sign-in/issuer-client.ts';
import { connectIssuer, type IssuerConnection, requireWay } from '../sign-in/issuer-connection.ts';
import type { ListenAddress } from '../sign-in/loopback.ts';
import { signInWithPassword } from '../sign-in/password.ts';
import { signInByPaste } from '../sign-in/paste.ts';
import { askAtTerminal, readPaste, showAddress, showDeviceCode } from '../sign-in/prompt.ts';
import { signInByTokenExchange } from '../sign-in/token-exchange.ts';
import type { BrowserChoice } from '../system/browser.ts';
import type { Paths } from '../system/paths.ts';
import { canAsk, type Streams, write } from '../system/streams.ts';
import type { Choice, IssuerLogin } from './options.ts';
import type { SignIn } from './run.ts';

const usualTimeoutSeconds = 300;
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

/**
 * One login at the issuer for all the clusters of a run. What it leaves is a session; each profile's token is then
 * asked from the issuer for its own cluster alone. An issuer that gives nothing to renew with gives one token, and it
 * serves the one cluster it was asked for.
 */
export function createIssuerSignIn(choices: readonly Choice[], context: IssuerSignInContext): SignIn {
  const { login, portal, paths, streams, signal } = context;
  const http = portal.httpFor(login.client.issuer);
  const sessions = sessionsFor(login.settings.credentialStore, context);
  let connection: Promise<IssuerConnection> | undefined;
  let session: Promise<Account> | undefined;

  const connect = () => (connection ??= connectIssuer(http, login.client, signal));

  async function signInOnce(choice: Choice): Promise<IdToken | Account> {
    const wanted = isMachine(choice.signIn)
      ? [audienceOf(choice)]
      : different([...audiencesOf(choices), ...(await audiencesToKeep())]);
    const pinned = (await readProfile(paths, choice.profile))?.account;
    const signedIn = await signInAt(await connect(), choice.signIn, {
      ...context,
      clusters: wanted,
      account: pinned,
    });
    const kept = sessionOf(login.client, signedIn);
    if (kept === undefined) return onlyToken(signedIn, choice, wanted);
    const place = await keepSession(sessions, kept);
    await write(
      streams.stderr,
      `Signed in as ${signedIn.token.account.label}. The session is kept in ${placeWords[place.kind]}, because ${place.why}.\n`,
    );
    return kept.account;
  }

  /** A login ends the session before it at the issuer; whoever lives on that one must find the same in the new one. */
  async function audiencesToKeep(): Promise<ClusterAudience[]> {
    const { issuer, clientId } = login.client;
    const audiences: ClusterAudience[] = [];
    for (const { account, audience, client, ...profile } of await listProfiles(paths)) {
      if (client?.id !== clientId || profile.issuer !== issuer || !account || !audience) continue;
      const kept = await sessions.read(sessionId({ issuer, clientId, account }));
      if (kept.kind !== 'none' && audience.kind !== 'shared') audiences.push(audience);
    }
    return audiences;
  }

  return async choice => {
    if (session !== undefined) return tokenOf(choice, await session);
    const result = await signInOnce(choice);
    if ('token' in result) return result;
    session = Promise.resolve(result);
    return tokenOf(choice, result);
  };

  async function tokenOf(choice: Choice, account: Account): Promise<IdToken> {
    const renewal = await renewToken({
      http,
      client: login.client,
      sessions,
      account,
      audience: audienceOf(choice),
      connection: await connect(),
      signal,
    });
    if (renewal.kind === 'renewed') return renewal.token;
    if (renewal.kind === 'done') throw new Error('nobody said that it was done');
    throw renewal.error;
  }
}

const placeWords = {
  keyring: "the system's keyring",
  file: 'a file of yours alone',
  none: 'this process only',
} as const;

export function sessionsFor(
  choice: StoreChoice,
  { paths, streams }: Pick<IssuerSignInContext, 'paths' | 'streams'>,
): SessionStore {
  return openSessions(paths, openSecretStore({ choice, env: streams.env }));
}

const isMachine = (way: SignInWay) => way === 'client-credentials' || way === 'token-exchange';

export function audienceOf(choice: Choice): ClusterAudience {
  return choice.audience ?? { kind: 'shared' };
}

function audiencesOf(choices: readonly Choice[]): ClusterAudience[] {
  return choices.map(audienceOf).filter(audience => audience.kind !== 'shared');
}

const different = (audiences: readonly ClusterAudience[]) => [
  ...new Map(audiences.map(audience => [JSON.stringify(audience), audience])).values(),
];

// A token that several clusters accept as theirs is nobody's.
function onlyToken(signedIn: SignedIn, choice: Choice, wanted: readonly ClusterAudience[]): IdToken {
  if (wanted.length <= 1) return signedIn.token;
  throw new UserError(
    'TOKEN_INVALID',
    `The issuer gave one token for ${wanted.length} clusters, and nothing to ask for others with.`,
    {
      hint: `Nothing was stored. Sign in for one cluster at a time, or have the issuer grant the scope offline_access. First: ${choice.cluster.name}.`,
    },
  );
}

type Wanted = IssuerSignInContext & {
  readonly clusters: readonly ClusterAudience[];
  readonly account: Account | undefined;
};

async function signInAt(connection: IssuerConnection, way: SignInWay, wanted: Wanted): Promise<SignedIn> {
  const { login, streams, browser, signal, clusters, account } = wanted;
  const request = { clusters, account, signal };
  const show = (url: URL) => showAddress(url, 'to sign in', browser, streams);
  const { settings, credentials } = login;
  const ask = (question: string, hidden = false) =>
    canAsk(streams) ? () => askAtTerminal(question, streams, { signal, hidden }) : undefined;
  switch (way) {
    case 'browser':
      return signInWithBrowser(connection, {
        ...request,
        ...(settings.listen.length > 0 && { listen: settings.listen.map(parseListenAddress) }),
        redirectHost: settings.redirectHost,
        showAddress: show,
        timeoutMs: (wanted.timeoutSeconds ?? usualTimeoutSeconds) * 1000,
      });
    case 'device':
      return signInWithDevice(connection, {
        ...request,
        showCode: code => showDeviceCode(code, browser, streams),
        onTrouble: trouble => {
          if (trouble !== undefined) void write(streams.stderr, `Still waiting: ${trouble.message}\n`);
        },
      });
    case 'paste':
      return signInByPaste(connection, {
        ...request,
        redirectUri: pasteRedirect(settings),
        showAddress: show,
        readPaste: async trouble => {
          if (trouble !== undefined) await write(streams.stderr, `${trouble}\n`);
          return readPaste(
            'Paste the address that the browser ended on, or the code in it: ',
            streams,
            signal,
          );
        },
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
