import type { IdToken } from '../credentials/id-token.ts';
import { UserError } from '../errors.ts';
import { withIdentityProvider } from '../portal/identity-provider.ts';
import { type DkpPortal, isDkp, type Portal } from '../portal/portal.ts';
import type { Account } from '../profiles/profile.ts';
import { readProfile } from '../profiles/registry.ts';
import { findClusterPage, readPastedToken } from '../sign-in/page.ts';
import { beginPortalSignIn, waitForPortalSignIn } from '../sign-in/portal.ts';
import { readPaste, showAddress } from '../sign-in/prompt.ts';
import type { BrowserChoice } from '../system/browser.ts';
import { steadyNow } from '../system/moment.ts';
import type { Paths } from '../system/paths.ts';
import { type Streams, write } from '../system/streams.ts';
import { checkToken, type TokenDemand } from './obtain.ts';
import type { Choice } from './options.ts';

export type SignInContext = {
  readonly portal: Portal;
  readonly identityProvider: string | undefined;
  readonly paths: Paths;
  readonly streams: Streams;
  readonly browser: BrowserChoice;
  readonly signal: AbortSignal;
  /** How long to wait for the person; the portal's own time when not given. */
  readonly timeoutSeconds: number | undefined;
};

/** Signs in to one cluster on the command line: the address on stderr, no questions but the paste a page needs. */
export async function signInOnCommandLine(choice: Choice, context: SignInContext): Promise<IdToken> {
  const existing = await readProfile(context.paths, choice.profile);
  const { portal } = context;
  if (!isDkp(portal)) {
    throw new UserError('USAGE', `There is no token service to sign in at by ${choice.signIn}.`, {
      hint: 'Sign in at the issuer: --sign-in browser or --sign-in device.',
    });
  }
  const { cluster, audiences } = choice;
  const demand = { issuers: [cluster.issuer], account: existing?.account, audiences };
  const token =
    choice.signIn === 'page'
      ? await signInByPage(choice, { ...context, portal }, existing?.account)
      : await signInByPortal(`to sign in to ${cluster.name}`, demand, { ...context, portal });
  await write(context.streams.stderr, `Signed in to ${choice.cluster.name} as ${token.account.label}.\n`);
  return token;
}

/**
 * Signs in at the platform's token service, in any browser.
 * @param purpose what the address is for, in words that follow "Open this address"
 */
export async function signInByPortal(
  purpose: string,
  demand: Omit<TokenDemand, 'startedAt'>,
  context: Omit<SignInContext, 'paths'> & { readonly portal: DkpPortal },
): Promise<IdToken> {
  const { portal, identityProvider, streams, browser, signal } = context;
  const pending = await beginPortalSignIn(portal, signal);
  const { authorizationUrl, startedAt } = pending;
  const url =
    identityProvider === undefined
      ? authorizationUrl
      : withIdentityProvider(authorizationUrl, identityProvider);
  await showAddress(url, purpose, browser, streams);
  const patience =
    context.timeoutSeconds === undefined
      ? Number.POSITIVE_INFINITY
      : steadyNow() + context.timeoutSeconds * 1000;
  const limited = { ...pending, deadline: Math.min(pending.deadline, patience) };
  let told: string | undefined;
  const token = await waitForPortalSignIn(portal, limited, {
    signal,
    onTrouble: trouble => {
      if (trouble !== undefined && trouble.message !== told)
        void write(streams.stderr, `Still waiting: ${trouble.message}\n`);
      told = trouble?.message;
    },
  });
  return checkToken(portal, token, { ...demand, startedAt }, signal);
}

async function signInByPage(
  choice: Choice,
  context: SignInContext & { readonly portal: DkpPortal },
  account: Account | undefined,
): Promise<IdToken> {
  const { portal, streams, browser, signal } = context;
  const page = await findClusterPage(portal, choice.cluster, signal);
  await showAddress(page.url, `to get a token for ${choice.cluster.name}`, browser, streams);
  const pasted = await readPaste('Paste the token, or the line with --token=, here: ', streams, signal);
  const demand = { issuers: [choice.cluster.issuer], account, audiences: choice.audiences ?? page.audiences };
  return checkToken(portal, readPastedToken(pasted), demand, signal);
}
