import { createHash, randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { LabDocument } from './document.ts';
import { fetchFrom } from './probe.ts';
import type { IssuerId, LabUser } from './world.ts';

export type Tokens = {
  readonly idToken: string;
  readonly refreshToken: string | undefined;
  readonly claims: Readonly<Record<string, unknown>>;
};

type Client = { readonly id: string; readonly secret?: string };
type Wish = {
  readonly issuer: IssuerId;
  readonly user: LabUser;
  readonly client: Client;
  readonly scopes?: readonly string[];
};

const formType = { 'content-type': 'application/x-www-form-urlencoded' };
const scopeOf = (wish: Wish) => ['openid', 'email', 'profile', 'groups', ...(wish.scopes ?? [])].join(' ');

export function issuerUrl(lab: LabDocument, id: IssuerId): string {
  const issuer = lab.issuers.find(each => each.id === id);
  if (issuer === undefined) throw new Error(`the lab has no issuer ${id}`);
  return issuer.issuer;
}

/** The scope that makes Dex name another client as the audience. */
export const audienceScope = (client: string) => `audience:server:client_id:${client}`;

/** Tokens by the password grant, which both Dexes give to people of the directory. */
export async function passwordGrant(lab: LabDocument, wish: Wish): Promise<Tokens> {
  return askForTokens(lab, wish, {
    grant_type: 'password',
    username: wish.user.login,
    password: wish.user.password,
    scope: scopeOf(wish),
  });
}

/** Dex's refresh tokens are good once; the answer has the next. */
export const refresh = (lab: LabDocument, wish: Omit<Wish, 'user'>, refreshToken: string): Promise<Tokens> =>
  askForTokens(lab, wish, { grant_type: 'refresh_token', refresh_token: refreshToken });

/** Tokens as a person in a browser gets them: chooses the provider, fills the form, comes back with a code. */
export async function formLogin(lab: LabDocument, wish: Wish & { redirectUri: string }): Promise<Tokens> {
  const ca = await readFile(lab.caFile, 'utf8');
  const verifier = randomBytes(32).toString('base64url');
  const begin = new URL(`${issuerUrl(lab, wish.issuer)}/auth/${wish.user.connector}`);
  begin.search = new URLSearchParams({
    client_id: wish.client.id,
    redirect_uri: wish.redirectUri,
    response_type: 'code',
    scope: scopeOf(wish),
    state: randomBytes(8).toString('hex'),
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
  }).toString();

  let url = begin;
  let form: string | undefined;
  for (let step = 0; step < 10; step += 1) {
    const request = form === undefined ? {} : { method: 'POST' as const, headers: formType, body: form };
    const answer = await fetchFrom(url.href, { ca, ...request });
    const location = answer.headers['location'];
    if (typeof location === 'string') {
      url = new URL(location, url);
      form = undefined;
      if (url.href.startsWith(wish.redirectUri)) return redeem(lab, wish, url, verifier);
    } else if (answer.status === 200 && form === undefined) {
      form = new URLSearchParams({ login: wish.user.login, password: wish.user.password }).toString();
    } else {
      throw new Error(`Dex answered ${answer.status}: ${textOf(answer.body)}`);
    }
  }
  throw new Error('Dex sends the browser round in circles');
}

async function redeem(lab: LabDocument, wish: Wish & { redirectUri: string }, back: URL, verifier: string) {
  const code = back.searchParams.get('code');
  if (code === null) throw new Error(`Dex sent the browser back without a code: ${back.search}`);
  const redirect = { redirect_uri: wish.redirectUri, code_verifier: verifier };
  return askForTokens(lab, wish, { grant_type: 'authorization_code', code, ...redirect });
}

async function askForTokens(
  lab: LabDocument,
  wish: Omit<Wish, 'user'>,
  parameters: Record<string, string>,
): Promise<Tokens> {
  const secret = wish.client.secret === undefined ? {} : { client_secret: wish.client.secret };
  const answer = await fetchFrom(`${issuerUrl(lab, wish.issuer)}/token`, {
    ca: await readFile(lab.caFile, 'utf8'),
    method: 'POST',
    headers: formType,
    body: new URLSearchParams({ client_id: wish.client.id, ...secret, ...parameters }).toString(),
  });
  if (answer.status !== 200) throw new Error(`Dex answered ${answer.status}: ${answer.body}`);
  const tokens = JSON.parse(answer.body) as { id_token: string; refresh_token?: string };
  return { idToken: tokens.id_token, refreshToken: tokens.refresh_token, claims: claimsOf(tokens.id_token) };
}

/** Unverified: the lab asks what a token says; whether it is good is for the API servers to say. */
export function claimsOf(token: string): Record<string, unknown> {
  return JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as Record<
    string,
    unknown
  >;
}

const textOf = (html: string) =>
  html
    .replace(/<style[\s\S]*?<\/style>|<[^>]+>/g, ' ')
    .replace(/\s+/g, ' ')
    .trim();
