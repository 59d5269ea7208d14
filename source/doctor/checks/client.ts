import { createHash, randomBytes } from 'node:crypto';
import type { Portal } from '../../portal/portal.ts';
import type { HttpClient, HttpResponse } from '../../system/http.ts';
import { plainText } from '../../text.ts';
import { parseUrl } from '../../url.ts';
import { type Check, fault, type Outcome, ok, warning } from '../check.ts';
import type { TargetClient } from '../portal-target.ts';
import type { Metadata } from './issuer.ts';

const mostRedirects = 3;
const askForIt = 'Ask your administrator; dkp-auth admin dex-client prints what the issuer needs.';

/**
 * Whether the issuer knows a client: an authorization request is begun and a device code asked for, both of which need
 * no credential and end by themselves.
 */
export function clientChecks(
  key: string,
  client: TargetClient,
  portal: Portal,
  metadata: () => Metadata | undefined,
): Check[] {
  const { settings, issuer } = client;
  const own = `${key}/${settings.id}`;
  const http = portal.httpFor(issuer);
  const name = plainText(settings.id, 80);
  let page: Promise<Answer> | undefined;
  const begin = (signal: AbortSignal) => (page ??= beginLogin(http, metadata(), client, signal));
  const checks: Check[] = [
    {
      key: `${own}/client`,
      id: 'client',
      needs: [key],
      async run(signal) {
        const { refusal } = await begin(signal);
        if (refusal === undefined || isAboutRedirect(refusal)) return ok(`the issuer knows "${name}"`);
        return fault(`the issuer refuses the client "${name}": ${refusal}`, askForIt);
      },
    },
  ];
  if (client.usesBrowser) {
    checks.push({
      key: `${own}/redirect`,
      id: 'redirect',
      needs: [`${own}/client`],
      async run(signal) {
        const { refusal, redirect } = await begin(signal);
        if (refusal === undefined) return ok(`${redirect} is accepted`);
        return fault(`the issuer does not send browsers back to ${redirect}: ${refusal}`, askForIt);
      },
    });
  }
  checks.push({
    key: `${own}/device`,
    id: 'device',
    needs: [`${own}/client`],
    run: signal => checkDevice(http, metadata(), settings.id, signal),
  });
  return checks;
}

type Answer = { readonly redirect: string; readonly refusal: string | undefined };
const isAboutRedirect = (text: string) => /redirect/i.test(text);

/** Begins a login as a browser would, and looks only whether the issuer refuses it. Nobody signs in. */
async function beginLogin(
  http: HttpClient,
  metadata: Metadata | undefined,
  { settings, identityProvider }: TargetClient,
  signal: AbortSignal,
): Promise<Answer> {
  const address = settings.listen[0] ?? '127.0.0.1:8000';
  const port = /(\d+)$/.exec(address)?.[1] ?? '8000';
  const redirect = `http://${settings.redirectHost ?? '127.0.0.1'}:${port === '0' ? '8000' : port}/callback`;
  const url = new URL(metadata?.authorization_endpoint ?? '');
  const challenge = createHash('sha256').update(randomBytes(32)).digest('base64url');
  const parameters = {
    client_id: settings.id,
    redirect_uri: redirect,
    response_type: 'code',
    scope: 'openid',
    state: randomBytes(16).toString('base64url'),
    code_challenge: challenge,
    code_challenge_method: 'S256',
    ...(identityProvider !== undefined && { connector_id: identityProvider }),
  };
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
  let next = url;
  for (let count = 0; count <= mostRedirects; count++) {
    const response = await http.send(next, { signal });
    const to = targetOf(response, next);
    if (to === undefined) return { redirect, refusal: refusalOf(response) };
    const error = to.searchParams.get('error');
    if (error !== null)
      return { redirect, refusal: plainText(to.searchParams.get('error_description') ?? error) };
    // Beyond the issuer is a company's own login; the issuer has accepted the request then.
    if (to.origin !== url.origin) return { redirect, refusal: undefined };
    next = to;
  }
  return { redirect, refusal: undefined };
}

function targetOf({ status, headers }: HttpResponse, from: URL): URL | undefined {
  const location = headers['location'];
  return status < 300 || status >= 400 || location === undefined ? undefined : parseUrl(location, from);
}

function refusalOf({ status, body }: HttpResponse): string | undefined {
  if (status < 400) return undefined;
  const text = body.replace(/<(style|script|head)[^>]*>[\s\S]*?<\/\1>/gi, ' ').replace(/<[^>]*>/g, ' ');
  return plainText(text.replace(/\s+/g, ' '), 160) || `status ${status}`;
}

async function checkDevice(
  http: HttpClient,
  metadata: Metadata | undefined,
  clientId: string,
  signal: AbortSignal,
): Promise<Outcome> {
  const endpoint = parseUrl(metadata?.device_authorization_endpoint ?? '');
  if (endpoint === undefined) {
    return warning(
      'the issuer offers no device codes',
      'Without a browser on this machine, sign in with --sign-in paste.',
    );
  }
  const { status, body } = await http.send(endpoint, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({ client_id: clientId, scope: 'openid' }).toString(),
    signal,
  });
  if (status === 200 && /"device_code"\s*:\s*"/.test(body)) return ok('device codes are given out');
  return fault(`a device code is refused (status ${status})`, askForIt);
}
