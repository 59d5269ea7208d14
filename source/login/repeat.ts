import { type Credential, credentialOf, readCredential, writeCredential } from '../credentials/credential.ts';
import type { IdToken } from '../credentials/id-token.ts';
import { renewToken } from '../credentials/renew.ts';
import { toUserError, UserError } from '../errors.ts';
import { parseLoginLink } from '../portal/login-link.ts';
import { isDkp, openIssuer, openPortal, type Portal, type Trust } from '../portal/portal.ts';
import type { Profile, ProfileClient } from '../profiles/profile.ts';
import { claimProfile } from '../profiles/registry.ts';
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
import { shellQuote } from './summary.ts';
import { readSecret } from './target.ts';

/** The command that signs in to a profile again. */
export function repeatLogin(profile: Profile): string {
  const { portal, client, cluster, identityProvider, signIn } = profile;
  const args = ['dkp-auth', 'login'];
  if (portal.loginLink !== undefined) args.push(portal.loginLink);
  if (client !== undefined) args.push(...client.flags);
  // Where a kubeconfig says the cluster, it also says where to write.
  const isInto = client?.flags.includes('--kubeconfig') === true;
  if (!isInto) args.push('--cluster', portal.loginLink === undefined ? cluster.name : cluster.server);
  if (identityProvider !== undefined) args.push('--idp', identityProvider);
  if (signIn !== 'portal') args.push('--sign-in', signIn);
  if (!isInto) args.push('--method', '2');
  args.push('--profile', profile.name);
  return args.map(shellQuote).join(' ');
}

export type RepeatContext = {
  readonly paths: Paths;
  readonly streams: Streams;
  readonly signal: AbortSignal;
};

/**
 * A token for one profile while kubectl waits: asked from the issuer without the person where a login has left a
 * session, and otherwise by a login, when somebody can be asked. Nothing is read from stdin.
 * A token that cannot be stored still serves this call.
 * @throws UserError LOGIN_NEEDED, NETWORK, WRONG_ACCOUNT, ...
 */
export async function obtainForKubectl(
  profile: Profile,
  maySignIn: boolean,
  context: RepeatContext,
): Promise<Credential> {
  const portal = await reopen(profile, context);
  try {
    const { client } = profile;
    if (client === undefined) return await byTokenService(profile, portal, maySignIn, context);
    return await byIssuer(profile, client, portal, maySignIn, context);
  } finally {
    await portal.close();
  }
}

export async function reopen(
  { portal, issuer, client }: Profile,
  { streams }: RepeatContext,
): Promise<Portal> {
  const trust: Trust = portal.ca === undefined ? { kind: 'system' } : { kind: 'authority', pem: portal.ca };
  const options = {
    proxies: chooseProxies(undefined, streams.env),
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
  maySignIn: boolean,
  context: RepeatContext,
): Promise<Credential> {
  if (!maySignIn || profile.signIn !== 'portal') throw loginNeeded(profile);
  const { identityProvider } = profile;
  const browser = { env: context.streams.env };
  const signInContext = { ...context, portal, identityProvider, browser, timeoutSeconds: undefined };
  // A platform's tokens are not always for this cluster; one that it rejects must not be kept.
  const audiences = isDkp(portal)
    ? (await findClusterPage(portal, profile.cluster, context.signal)).audiences
    : undefined;
  const token = await signInOnCommandLine({ ...choiceOf(profile), audiences }, signInContext);
  return keep(profile, token, context);
}

async function byIssuer(
  profile: Profile,
  settings: ProfileClient,
  portal: Portal,
  maySignIn: boolean,
  context: RepeatContext,
): Promise<Credential> {
  const login = await issuerLoginOf(profile, settings, context);
  const machine = profile.signIn === 'client-credentials' || profile.signIn === 'token-exchange';
  if (!machine && profile.account !== undefined) {
    const renewed = await renew(profile, profile.account, login, portal, context);
    if (renewed !== undefined) return renewed;
  }
  // A paste would have to be read from stdin, which is kubectl's.
  const canSignIn = machine || (maySignIn && (profile.signIn === 'browser' || profile.signIn === 'device'));
  if (!canSignIn) throw loginNeeded(profile);
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

/** @returns undefined when only a login helps */
async function renew(
  profile: Profile,
  account: NonNullable<Profile['account']>,
  { client, settings }: IssuerLogin,
  portal: Portal,
  context: RepeatContext,
): Promise<Credential | undefined> {
  let kept: Credential | undefined;
  const renewal = await renewToken({
    http: portal.httpFor(client.issuer),
    client,
    sessions: sessionsFor(settings.credentialStore, { paths: context.paths, env: context.streams.env }),
    account,
    audience: profile.audience ?? { kind: 'shared' },
    signal: context.signal,
    isDone: async () => {
      const stored = await readCredential(context.paths, profile.name);
      if (stored === undefined || stored.expiresAt <= Date.now() / 1000 + 60) return false;
      kept = stored;
      return true;
    },
    keep: async token => {
      kept = await keep(profile, token, context);
    },
  });
  if (renewal.kind === 'offline' || renewal.kind === 'refused') throw renewal.error;
  return renewal.kind === 'login-needed' ? undefined : kept;
}

export async function issuerLoginOf(
  profile: Profile,
  settings: ProfileClient,
  { streams }: RepeatContext,
): Promise<IssuerLogin> {
  const { secretFile, subjectTokenFile, subjectTokenEnv } = settings;
  const client: IssuerClient = {
    issuer: profile.issuer,
    clientId: settings.id,
    scopes: settings.scopes,
    extraParameters: settings.extraParameters,
    tokenKind: settings.tokenKind,
    ...(secretFile !== undefined && { clientSecret: await readSecret(secretFile) }),
  };
  return {
    client,
    settings,
    flags: [],
    credentials: {
      ...(subjectTokenFile !== undefined && { subjectToken: () => readSecret(subjectTokenFile) }),
      ...(subjectTokenEnv !== undefined && { subjectToken: async () => streams.env[subjectTokenEnv] ?? '' }),
    },
  };
}

function choiceOf({ cluster, issuer, name, signIn, audience }: Profile): Choice {
  return {
    cluster: { ...cluster, ca: cluster.ca, issuer, nameIsUnique: true },
    profile: name,
    signIn,
    audience,
  };
}

export function loginNeeded(profile: Profile): UserError {
  return new UserError('LOGIN_NEEDED', `The profile "${profile.name}" needs a login.`, {
    hint: `Run: ${repeatLogin(profile)}`,
  });
}

async function keep(
  profile: Profile,
  token: IdToken,
  { paths, streams }: RepeatContext,
): Promise<Credential> {
  const credential = credentialOf(profile, token);
  await claimProfile(paths, { ...profile, account: token.account });
  try {
    await writeCredential(paths, profile.name, credential);
  } catch (error) {
    const { message } = toUserError(error);
    streams.stderr.write(`The token could not be kept, so the next call asks again: ${message}\n`);
  }
  return credential;
}
