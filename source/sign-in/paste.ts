import { UserError } from '../errors.ts';
import { parseUrl } from '../url.ts';
import { beginCodeFlow } from './code-flow.ts';
import type { SignedIn } from './issuer-client.ts';
import { type IssuerConnection, requireWay } from './issuer-connection.ts';
import type { SignInRequest } from './request.ts';

export type PasteSignIn = SignInRequest & {
  /** Where the issuer sends the browser; nothing needs to listen there. */
  readonly redirectUri: string;
  showAddress(url: URL): Promise<void>;
  /** Asks for the address that the browser ended on; told what was wrong with what was pasted before. */
  readPaste(trouble: string | undefined): Promise<string>;
  readonly signal: AbortSignal;
};

const mostPastes = 5;

/**
 * Signs in with a browser on another machine: the person opens an address there, and pastes back the one that the
 * browser ended on, or just the code in it.
 */
export async function signInByPaste(connection: IssuerConnection, options: PasteSignIn): Promise<SignedIn> {
  const { signal, redirectUri } = options;
  requireWay('paste', connection);
  signal.throwIfAborted();
  const flow = await beginCodeFlow(connection, redirectUri, options, signal);
  await options.showAddress(flow.authorizationUrl);
  const expected: ExpectedPaste = {
    redirectUri: flow.redirectUri,
    state: flow.state,
    wholeOnly: connection.metadata.authorization_response_iss_parameter_supported === true,
  };
  let trouble: string | undefined;
  for (let attempt = 0; attempt < mostPastes; attempt++) {
    const pasted = readPastedAnswer(await options.readPaste(trouble), expected);
    signal.throwIfAborted();
    if (typeof pasted !== 'string') return flow.finish(pasted);
    trouble = pasted;
  }
  throw new UserError('LOGIN_DENIED', 'What was pasted is not the answer to this login.', {
    hint: `${trouble ?? ''} Begin the login again.`.trim(),
  });
}

export type ExpectedPaste = {
  readonly redirectUri: string;
  readonly state: string;
  /** The issuer announces that its answer names it, so a code without the rest cannot be checked. */
  readonly wholeOnly: boolean;
};

const aCode = /^[\x21-\x7e]{6,4096}$/;

/** @returns the answer's parameters, or what is wrong with what was pasted */
export function readPastedAnswer(text: string, expected: ExpectedPaste): URLSearchParams | string {
  const { redirectUri, state, wholeOnly } = expected;
  // A terminal or a mail program may have broken the line.
  const joined = text.trim().replace(/\s*[\r\n]+\s*/g, '');
  if (joined === '') return 'Nothing was pasted.';
  const parameters = parametersIn(joined, redirectUri);
  if (typeof parameters === 'string') return parameters;
  if (parameters !== undefined) {
    const names = [...parameters.keys()];
    if (new Set(names).size !== names.length || parameters.has('code') === parameters.has('error')) {
      return `There is no code in it. Paste the address the browser ended on; it begins with ${redirectUri}.`;
    }
    if (parameters.get('state') !== state)
      return 'It is the answer to another login. Use the address shown last.';
    return parameters;
  }
  const code = decoded(joined);
  if (!aCode.test(code)) return `It is neither a code nor an address that begins with ${redirectUri}.`;
  if (wholeOnly) return `A code is not enough here. Paste the whole address; it begins with ${redirectUri}.`;
  return new URLSearchParams({ code, state });
}

/** The query of a pasted address, or of a part of one; undefined for what may be a bare code. */
function parametersIn(text: string, redirectUri: string): URLSearchParams | string | undefined {
  const redirect = new URL(redirectUri);
  // Some browsers leave out the scheme when an address is copied.
  const whole = text.startsWith(redirect.host) ? `${redirect.protocol}//${text}` : text;
  const url = /^[a-z][a-z\d+.-]*:/i.test(whole) ? parseUrl(whole) : undefined;
  if (url !== undefined) {
    const { protocol, host, pathname, searchParams } = url;
    const fits = protocol === redirect.protocol && host === redirect.host && pathname === redirect.pathname;
    return fits ? searchParams : `That is another address. Paste the one that begins with ${redirectUri}.`;
  }
  return /(^|[?&])(code|error)=/.test(text) ? new URLSearchParams(text.replace(/^[^?]*\?/, '')) : undefined;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
