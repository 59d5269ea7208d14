import { UserError } from '../errors.ts';
import type { Portal } from '../portal/portal.ts';
import { isDkp } from '../portal/portal.ts';
import { chooseWay, type Possibility, type WayChoice } from '../sign-in/choose.ts';
import { connectIssuer, possibleWays } from '../sign-in/issuer-connection.ts';
import { type BrowserChoice, hasBrowser } from '../system/browser.ts';
import { isOverSsh } from '../system/ssh.ts';
import { canAsk, type Streams } from '../system/streams.ts';
import type { IssuerLogin } from './options.ts';

export type WayContext = {
  readonly browser: BrowserChoice;
  readonly streams: Streams;
  readonly signal: AbortSignal;
};

/**
 * `--sign-in auto`: what the issuer's metadata and the portal allow, and what this machine is like.
 * @throws UserError SIGN_IN_NOT_OFFERED
 */
export async function pickWay(
  portal: Portal,
  login: IssuerLogin | undefined,
  context: WayContext,
): Promise<WayChoice> {
  const possibilities: Possibility[] = isDkp(portal) ? [{ way: 'portal', missing: undefined }] : [];
  if (login !== undefined) {
    const connection = await connectIssuer(portal.httpFor(login.client.issuer), login.client, context.signal);
    possibilities.push(...possibleWays(connection));
  }
  const choice = chooseWay(possibilities, {
    browser: hasBrowser(context.browser),
    terminal: canAsk(context.streams),
    ssh: isOverSsh(context.streams.env),
  });
  if (choice !== undefined) return choice;
  throw new UserError('SIGN_IN_NOT_OFFERED', 'The issuer offers no way for a person to sign in.', {
    hint: possibilities.map(({ way, missing }) => `${way}: ${missing ?? 'possible'}`).join('; '),
  });
}

/** What was picked and why, and what the others would need. */
export function describeWay({ way, why, others }: WayChoice): string {
  const rest = others.map(other => `  --sign-in ${other.way}: ${other.needs}`);
  return [
    `Signing in by ${way}, because ${why}.`,
    ...(rest.length === 0 ? [] : ['Other ways:', ...rest]),
    '',
  ].join('\n');
}
