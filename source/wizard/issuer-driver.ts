import type { IdToken } from '../credentials/id-token.ts';
import { type SessionKey, sessionId } from '../credentials/session.ts';
import type { SessionStore } from '../credentials/session-store.ts';
import { UserError } from '../errors.ts';
import type { LoginAnswers } from '../login/answers.ts';
import { loginAtIssuer, sessionsFor, tokenFromSession } from '../login/issuer-login.ts';
import type { Choice, LoginOptions } from '../login/options.ts';
import { openTarget, type Target } from '../login/target.ts';
import { pickWay } from '../login/way.ts';
import type { LoginLink } from '../portal/login-link.ts';
import type { Trust } from '../portal/portal.ts';
import { type Account, sameAccount } from '../profiles/profile.ts';
import { listReadableProfiles } from '../profiles/registry.ts';
import { connectIssuer, type IssuerConnection } from '../sign-in/issuer-connection.ts';
import { type BrowserChoice, openBrowser } from '../system/browser.ts';
import type { Paths } from '../system/paths.ts';
import type { Streams } from '../system/streams.ts';
import type { Effect, EffectEvent } from './effects.ts';
import { texts } from './texts.ts';
import type { Ways } from './waiting.ts';

export type IssuerDriverContext = {
  readonly answers: LoginAnswers;
  readonly paths: Paths;
  readonly streams: Streams;
  readonly browser: BrowserChoice;
  readonly timeoutSeconds: number | undefined;
};

type Emit = (event: EffectEvent) => void;
type NextPaste = (signal: AbortSignal) => Promise<string>;

export type IssuerDriver = {
  open(
    to: { readonly link: LoginLink | undefined; readonly trust: Trust | undefined },
    signal: AbortSignal,
  ): Promise<{ readonly target: Target; readonly ways: Ways | undefined }>;
  login(
    effect: Extract<Effect, { kind: 'issuerLogin' }>,
    emit: Emit,
    nextPaste: NextPaste,
    signal: AbortSignal,
  ): Promise<void>;
  /** One cluster's token out of the session that the login left. */
  tokenFor(
    choice: Choice,
    options: LoginOptions,
    account: Account | undefined,
    signal: AbortSignal,
  ): Promise<IdToken>;
  /** Forgets the sessions that no profile came to use. */
  close(): Promise<void>;
};

/** The wizard's doings at an issuer: one login, and a token for each cluster. */
export function createIssuerDriver(context: IssuerDriverContext): IssuerDriver {
  const { answers, paths, streams, browser, timeoutSeconds } = context;
  const connections = new Map<string, Promise<IssuerConnection>>();
  const kept: SessionKey[] = [];
  let opened: SessionStore | undefined;
  let attempt: Promise<void> = Promise.resolve();

  const sessions = () =>
    (opened ??= sessionsFor(answers.issuer?.credentialStore ?? 'auto', { paths, env: streams.env }));

  function show(url: URL): Promise<boolean> {
    return openBrowser(url, browser);
  }

  async function logIn(
    { target, way, audiences }: Extract<Effect, { kind: 'issuerLogin' }>,
    emit: Emit,
    nextPaste: NextPaste,
    signal: AbortSignal,
  ): Promise<void> {
    const login = target.issuerLogin;
    if (login === undefined) throw new Error('a login at an issuer needs one');
    const { client } = login;
    const connection = await connectIssuer(target.portal.httpFor(client.issuer), client, signal);
    const request = {
      login,
      sessions: sessions(),
      way,
      clusters: audiences,
      account: undefined,
      paths,
      timeoutSeconds,
      signal,
    };
    const { token, place } = await loginAtIssuer(connection, request, {
      async showAddress(url) {
        // With this way the person's browser is elsewhere.
        emit({ type: 'address', url, opened: way !== 'paste' && (await show(url)) });
      },
      async showCode(code) {
        // On the screen before anything else happens.
        emit({ type: 'deviceCode', code, opened: false });
        if (await show(code.verificationUriComplete ?? code.verificationUri)) emit({ type: 'browserOpened' });
      },
      onTrouble: trouble => emit({ type: 'trouble', message: trouble?.message }),
      readPaste(trouble) {
        if (trouble !== undefined)
          emit({ type: 'pasteRefused', error: new UserError('LOGIN_DENIED', trouble) });
        return nextPaste(signal);
      },
    });
    if (place !== undefined) kept.push({ ...client, account: token.account });
    emit({ type: 'loggedIn', token, renewable: place !== undefined });
  }

  return {
    async open({ link, trust }, signal) {
      const wanted = { ...answers, ...(link && { link }) };
      const target = await openTarget(wanted, { env: streams.env, paths, signal }, trust);
      try {
        return { target, ways: await waysTo(target, context, signal) };
      } catch (error) {
        await target.portal.close();
        throw error;
      }
    },

    login(effect, emit, nextPaste, signal) {
      // The one before must have let go of its port.
      const login = attempt.then(() => logIn(effect, emit, nextPaste, signal));
      attempt = login.catch(() => undefined);
      return login;
    },

    async tokenFor(choice, { portal, issuerLogin }, account, signal) {
      if (account === undefined || issuerLogin === undefined) {
        throw new UserError('LOGIN_NEEDED', `${choice.cluster.name} needs a login of its own.`);
      }
      const { client } = issuerLogin;
      const http = portal.httpFor(client.issuer);
      const connecting = connections.get(client.issuer) ?? connectIssuer(http, client, signal);
      connections.set(client.issuer, connecting);
      const connection = await connecting.catch(error => {
        connections.delete(client.issuer);
        throw error;
      });
      return tokenFromSession(choice, { http, client, sessions: sessions(), account, connection, signal });
    },

    async close() {
      if (kept.length === 0) return;
      const { profiles } = await listReadableProfiles(paths);
      for (const key of kept) {
        const { issuer, clientId, account } = key;
        const isUsed = profiles.some(
          profile =>
            profile.issuer === issuer &&
            profile.client?.id === clientId &&
            profile.account !== undefined &&
            sameAccount(profile.account, { ...account, label: '' }),
        );
        if (!isUsed) await sessions().hold(sessionId(key), held => held.remove());
      }
    },
  };
}

/** What is possible at the issuer, the person's own choice first. */
async function waysTo(
  { portal, issuerLogin }: Target,
  { answers, browser, streams }: IssuerDriverContext,
  signal: AbortSignal,
): Promise<Ways | undefined> {
  if (issuerLogin === undefined) return undefined;
  const { way, why, others } = await pickWay(portal, issuerLogin, { browser, streams, signal });
  const wanted = answers.signIn;
  if (wanted === undefined || wanted === way) return { way, why, others };
  const rest = others.filter(other => other.way !== wanted);
  const picked = { way, needs: `--sign-in ${way}`, possible: true };
  return { way: wanted, why: texts.whyFlag, others: [picked, ...rest] };
}
