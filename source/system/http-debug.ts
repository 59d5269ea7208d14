import { noteSecret } from '../secrets.ts';
import { debug, isListening } from './debug.ts';
import type { HttpRequest, HttpResponse } from './http.ts';

/** Parameters of addresses whose values say what is asked for, and open nothing. */
const openParameters = new Set([
  'audience',
  'client_id',
  'code_challenge_method',
  'connector_id',
  'max_age',
  'profileName',
  'prompt',
  'cluster',
  'redirect_uri',
  'resource',
  'response_mode',
  'response_type',
  'scope',
  'tenant-id',
]);
/** Fields of forms and of JSON whose values open something. */
const secretFields =
  /^(code|code_verifier|client_secret|device_code|refresh_token|access_token|id_token|token|subject_token|password|assertion|requestCode|hmac|user_code|verification_uri_complete)$/;

/** An address without what it would open: the value of every parameter that is not known to be harmless is masked. */
export function openAddress(url: URL): string {
  const query = [...url.searchParams].map(
    ([name, value]) => `${name}=${openParameters.has(name) ? encodeURIComponent(value) : '***'}`,
  );
  return `${url.origin}${url.pathname}${query.length === 0 ? '' : `?${query.join('&')}`}`;
}

/**
 * One line for a request and its answer, where somebody listens; of headers and bodies only their sizes. What opens
 * something is noted in any case, before it is sent.
 */
export async function told(
  url: URL,
  request: HttpRequest,
  send: () => Promise<HttpResponse>,
): Promise<HttpResponse> {
  noteSecretsOf(url, request);
  if (!isListening()) return withNotes(send);
  const start = performance.now();
  const facts = { method: request.method ?? 'GET', url: openAddress(url), sent: request.body?.length };
  const ms = () => Math.round(performance.now() - start);
  try {
    const response = await withNotes(send);
    debug('http', { ...facts, status: response.status, received: response.body.length, ms: ms() });
    return response;
  } catch (error) {
    const { code, message } = error as { code?: string; message?: string };
    debug('http', { ...facts, failed: code ?? 'unknown', why: message, ms: ms() });
    throw error;
  }
}

async function withNotes(send: () => Promise<HttpResponse>): Promise<HttpResponse> {
  const response = await send();
  noteFields(response.body);
  return response;
}

function noteSecretsOf(url: URL, { headers = {}, body = '' }: HttpRequest): void {
  for (const [name, value] of url.searchParams) if (!openParameters.has(name)) noteSecret(value);
  for (const [name, value] of Object.entries(headers)) {
    if (/^(authorization|cookie|proxy-authorization)$/i.test(name)) noteHeader(value);
  }
  if (body.startsWith('{')) noteFields(body);
  else for (const [name, value] of new URLSearchParams(body)) if (secretFields.test(name)) noteSecret(value);
}

/** What a header opens something with; of a user name and password, the password by itself too (RFC 7617, RFC 6749, 2.3.1). */
function noteHeader(value: string): void {
  const text = value.replace(/^\w+ /, '');
  noteSecret(text);
  if (!/^Basic /i.test(value)) return;
  const password = Buffer.from(text, 'base64')
    .toString('utf8')
    .replace(/^[^:]*:/, '');
  noteSecret(password);
  noteSecret(new URLSearchParams(`password=${password}`).get('password'));
}

/** Answers that bring a secret are small. */
const longestSearched = 100_000;

function noteFields(body: string): void {
  if (body.length > longestSearched) return;
  try {
    const data: unknown = JSON.parse(body);
    if (typeof data !== 'object' || data === null) return;
    for (const [name, value] of Object.entries(data)) if (secretFields.test(name)) noteSecret(value);
  } catch {
    // Nothing of a body is told; it is looked into only for what must not be.
  }
}
