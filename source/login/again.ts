import { credentialOf, writeCredential } from '../credentials/credential.ts';
import { tellOfLogin } from '../credentials/flight.ts';
import type { IdToken } from '../credentials/id-token.ts';
import { UserError } from '../errors.ts';
import { type Profile, type SignInWay, signedInTo } from '../profiles/profile.ts';
import { updateProfile } from '../profiles/registry.ts';
import { type BrowserChoice, hasBrowser } from '../system/browser.ts';
import type { IssuerAnswers } from './answers.ts';
import { createIssuerSignIn } from './issuer-login.ts';
import { choiceOf, issuerLoginOf, type RepeatContext, reopen } from './repeat.ts';
import { signInOnCommandLine } from './sign-in.ts';
import { credentialsOf } from './target.ts';

export type AgainContext = RepeatContext & {
  /** The profile's own way when not given. */
  readonly way: SignInWay | undefined;
  readonly browser: BrowserChoice;
  readonly timeoutSeconds: number | undefined;
  readonly proxy: string | undefined;
  /** What a machine signs in with; where the profile says it is when not given. */
  readonly machine: Pick<IssuerAnswers, 'username' | 'passwordFd' | 'subjectTokenFile' | 'subjectTokenEnv'>;
};

/**
 * Signs in to a profile that exists, with all that it knows, and stores the token. No kubeconfig is touched.
 * @throws UserError USAGE, LOGIN_DENIED, WRONG_ACCOUNT, ...
 */
export async function signInAgain(profile: Profile, context: AgainContext): Promise<IdToken> {
  const { paths } = context;
  const portal = await reopen(profile, context, context.proxy);
  try {
    const choice = { ...choiceOf(profile), signIn: wayOf(profile, context) };
    const signIn = await signerOf(profile, choice.signIn, { ...context, portal });
    const token = await signIn(choice);
    await updateProfile(paths, signedInTo(profile, token.account));
    await writeCredential(paths, profile.name, credentialOf(signedInTo(profile, token.account), token));
    await tellOfLogin(paths, profile.name);
    return token;
  } finally {
    await portal.close();
  }
}

/** Who fixed the address that the browser comes back to has forwarded it. */
function wayOf({ signIn, client }: Profile, { way, browser }: AgainContext): SignInWay {
  if (way !== undefined) return way;
  return signIn === 'browser' && client?.listen.length === 0 && !hasBrowser(browser) ? 'device' : signIn;
}

async function signerOf(
  profile: Profile,
  way: SignInWay,
  context: AgainContext & { readonly portal: Awaited<ReturnType<typeof reopen>> },
) {
  const { client, identityProvider } = profile;
  if (client === undefined) {
    if (way !== 'portal' && way !== 'page') throw needsClient(profile, way);
    return (choice: ReturnType<typeof choiceOf>) =>
      signInOnCommandLine(choice, { ...context, identityProvider });
  }
  const login = await issuerLoginOf(profile, client, context);
  const credentials = { ...login.credentials, ...credentialsOf(context.machine, context.streams.env) };
  return createIssuerSignIn([choiceOf(profile)], { ...context, login: { ...login, credentials } });
}

function needsClient({ name }: Profile, way: SignInWay): UserError {
  return new UserError('USAGE', `The profile "${name}" has no client to sign in by ${way} with.`, {
    hint: 'Leave --sign-in out, or run dkp-auth login with --portal-file or --client-id.',
  });
}
