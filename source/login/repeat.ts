import { type Credential, credentialOf, writeCredential } from '../credentials/credential.ts';
import type { Turn } from '../credentials/flight.ts';
import type { IdToken } from '../credentials/id-token.ts';
import { renewToken } from '../credentials/renew.ts';
import { toUserError, type UserError } from '../errors.ts';
import { parseLoginLink } from '../portal/login-link.ts';
import { openIssuer, openPortal } from '../portal/open-portal.ts';
import { isDkp, type Portal, type Trust } from '../portal/portal.ts';
import { loginNeeded } from '../profiles/login-needed.ts';
import { isMachine, type Profile, type ProfileClient, signedInTo } from '../profiles/profile.ts';
import { readProfile, updateProfile } from '../profiles/registry.ts';
import type { IssuerClient } from '../sign-in/issuer-client.ts';
import { findClusterPage } from '../sign-in/page.ts';
import { hasBrowser } from '../system/browser.ts';
import type { Paths } from '../system/paths.ts';
import { chooseProxies } from '../system/proxy.ts';
import type { Streams } from '../system/streams.ts';
import { readClientCertificate } from '../system/tls-files.ts';
import { createIssuerSignIn, sessionsFor } from './issuer-login.ts';
import type { Choice, IssuerLogin } from './options.ts';
import { signInOnCommandLine } from './sign-in.ts';
import { credentialsOf, readSecret } from './target.ts';

export type RepeatContext = {
  readonly paths: Paths;
  readonly streams: Streams;
  readonly signal: AbortSignal;
};

/**
 * A token for one profile while kubectl waits: asked from the issuer without the person where a login has left a
 * session, and otherwise by a login, when somebody can be asked. Nothing is read from stdin.
 * A token that cannot be stored still serves this call.
 * @param isDone whether another process has renewed the profile's token, asked once it is our turn at the session
 * @throws UserError LOGIN_NEEDED, NETWORK, WRONG_ACCOUNT, ...
 */
export async function obtainForKubectl(
  profile: Profile,
  turn: Turn,
  isDone: () => Promise<Credential | undefined>,
  given: RepeatContext,
): Promise<Credential> {
  const context = { ...given, signal: turn.signal };
  const portal = await reopen(profile, context);
  try {
    const { client } = profile;
    if (client === undefined) return await byTokenService(profile, portal, turn, context);
    return await byIssuer(profile, client, portal, { turn, isDone }, context);
  } finally {
    await portal.close();
  }
}

/** @param proxy what was said on the command line */
export async function reopen(
  { portal, issuer, client }: Profile,
  { streams }: Pick<RepeatContext, 'streams'>,
  proxy?: string,
): Promise<Portal> {
  const trust: Trust = portal.ca === undefined ? { kind: 'system' } : { kind: 'authority', pem: portal.ca };
  const options = {
    proxies: chooseProxies(proxy, streams.env),
    ...(client?.certificateFile !== undefined && {
      clientCertificate: await readClientCertificate(
        client.certificateFile,
        client.keyFile ?? client.certificateFile,
      ),
    }),
  };
  return portal.loginLink === undefined
    ? openIssuer(issuer, trust, options)
    : openPortal(parseLoginLink(portal.loginLink), trust, options);
}

async function byTokenService(
  profile: Profile,
  portal: Portal,
  turn: Turn,
  context: RepeatContext,
): Promise<Credential> {
  if (!turn.signIn) throw loginNeeded(profile.name);
  const { identityProvider } = profile;
  const browser = { env: context.streams.env };
  const signInContext = { ...context, portal, identityProvider, browser, timeoutSeconds: undefined };
  // A platform's tokens are not always for this cluster; one that it rejects must not be kept.
  const audiences = isDkp(portal)
    ? (await findClusterPage(portal, profile.cluster, context.signal)).audiences
    : undefined;
  await turn.asking();
  const token = await signInOnCommandLine({ ...choiceOf(profile), audiences }, signInContext);
  return keep(profile, token, context);
}

async function byIssuer(
  profile: Profile,
  settings: ProfileClient,
  portal: Portal,
  { turn, isDone }: { readonly turn: Turn; readonly isDone: () => Promise<Credential | undefined> },
  context: RepeatContext,
): Promise<Credential> {
  const login = await issuerLoginOf(profile, settings, context);
  const machine = isMachine(profile.signIn);
  if (!machine && turn.renew && profile.account !== undefined) {
    const renewed = await renew(profile, profile.account, login, portal, { ...context, isDone });
    if ('token' in renewed) return renewed;
    turn.renewalEnded(renewed);
  }
  if (!machine && !turn.signIn) throw loginNeeded(profile.name);
  if (!machine) await turn.asking();
  const browser = { env: context.streams.env };
  const device = profile.signIn === 'browser' && !hasBrowser(browser);
  const choice: Choice = device ? { ...choiceOf(profile), signIn: 'device' } : choiceOf(profile);
  const signIn = createIssuerSignIn([choice], {
    ...context,
    portal,
    login,
    browser,
    timeoutSeconds: undefined,
  });
  return keep(profile, await signIn(choice), context);
}

/** @returns why, when only a login helps */
async function renew(
  profile: Profile,
  account: NonNullable<Profile['account']>,
  { client, settings }: IssuerLogin,
  portal: Portal,
  context: RepeatContext & { readonly isDone: () => Promise<Credential | undefined> },
): Promise<Credential | UserError> {
  let kept: Credential | undefined;
  const renewal = await renewToken({
    http: portal.httpFor(client.issuer),
    client,
    sessions: sessionsFor(settings.credentialStore, { paths: context.paths, env: context.streams.env }),
    account,
    audience: profile.audience ?? { kind: 'shared' },
    signal: context.signal,
    isDone: async () => {
      kept = await context.isDone();
      return kept !== undefined;
    },
    keep: async token => {
      const { paths } = context;
      // The person may have left meanwhile, which no renewal takes back.
      if ((await readProfile(paths, profile.name))?.signedOut) throw loginNeeded(profile.name);
      kept = await keep(profile, token, context);
    },
  });
  if (renewal.kind === 'offline' || renewal.kind === 'refused') throw renewal.error;
  if (renewal.kind === 'login-needed') return renewal.error;
  if (kept === undefined) throw new Error('a renewal ends with a token or says why not');
  return kept;
}

export async function issuerLoginOf(
  profile: Profile,
  settings: ProfileClient,
  { streams }: Pick<RepeatContext, 'streams'>,
): Promise<IssuerLogin> {
  const { secretFile } = settings;
  const client: IssuerClient = {
    issuer: profile.issuer,
    clientId: settings.id,
    scopes: settings.scopes,
    extraParameters: settings.extraParameters,
    tokenKind: settings.tokenKind,
    ...(secretFile !== undefined && { clientSecret: await readSecret(secretFile) }),
  };
  return { client, settings, flags: [], credentials: credentialsOf(settings, streams.env) };
}

export function choiceOf({ cluster, issuer, name, signIn, audience }: Profile): Choice {
  return {
    cluster: { ...cluster, ca: cluster.ca, issuer, nameIsUnique: true },
    profile: name,
    signIn,
    audience,
  };
}

async function keep(
  profile: Profile,
  token: IdToken,
  { paths, streams }: RepeatContext,
): Promise<Credential> {
  const credential = credentialOf(signedInTo(profile, token.account), token);
  await updateProfile(paths, signedInTo(profile, token.account));
  try {
    await writeCredential(paths, profile.name, credential);
  } catch (error) {
    const { message } = toUserError(error);
    streams.stderr.write(`The token could not be kept, so the next call asks again: ${message}\n`);
  }
  return credential;
}
