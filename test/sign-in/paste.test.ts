import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { connectIssuer } from '../../source/sign-in/issuer-connection.ts';
import { type PasteSignIn, readPastedAnswer, signInByPaste } from '../../source/sign-in/paste.ts';
import { createHttpClient } from '../../source/system/http.ts';
import { demoForTests } from '../demo/helpers.ts';
import { startFakeIssuer } from '../helpers/fake-issuer.ts';
import { userError } from '../helpers/user-error.ts';

const redirectUri = 'http://127.0.0.1:18000/callback';
const soon = () => AbortSignal.timeout(10_000);

describe('what a person pastes', () => {
  const expected = { redirectUri, state: 's', wholeOnly: false };
  const code = (text: string, more = {}) => {
    const answer = readPastedAnswer(text, { ...expected, ...more });
    return typeof answer === 'string' ? answer : (answer.get('code') ?? answer.get('error'));
  };

  const good: [string, string][] = [
    ['the whole address', `${redirectUri}?code=abc123&state=s`],
    ['the address with blanks and line ends around it', `\n  ${redirectUri}?code=abc123&state=s \r\n`],
    ['the address broken by a terminal', `${redirectUri}?code=abc\n123&state=s`],
    ['the address without its scheme', '127.0.0.1:18000/callback?code=abc123&state=s'],
    ['the query alone', '?code=abc123&state=s'],
    ['the query without its mark', 'state=s&code=abc123'],
    ['the code alone', 'abc123'],
    ['the code as it stands in an address', 'abc%31%323'],
  ];
  for (const [what, text] of good) {
    it(`can be ${what}`, () => assert.equal(code(text), 'abc123'));
  }
  it('can be what the issuer refused', () => {
    assert.equal(code(`${redirectUri}?error=access_denied&state=s`), 'access_denied');
  });

  const rubbish: [string, string, RegExp][] = [
    ['nothing', '  \n', /Nothing was pasted/],
    ['a sentence', 'I do not know what to paste', /neither a code nor an address/],
    ['a few letters', 'yes', /neither a code/],
    ['another address', 'https://dkp.example.com/dex/auth?client_id=x&state=s', /another address/],
    ['another port', 'http://127.0.0.1:18001/callback?code=x&state=s', /another address/],
    ['another path', 'http://127.0.0.1:18000/?code=x&state=s', /another address/],
    ['an address of another login', `${redirectUri}?code=x&state=t`, /another login/],
    ['an address without a state', `${redirectUri}?code=x`, /another login/],
    ['an address without a code', `${redirectUri}?state=s`, /no code/],
    ['an address with two codes', `${redirectUri}?code=x&code=y&state=s`, /no code/],
    ['escape sequences', '\u001b[2Jabc123', /neither a code/],
    ['a novel', 'x'.repeat(5000), /neither a code/],
  ];
  for (const [what, text, reason] of rubbish) {
    it(`cannot be ${what}`, () => assert.match(String(readPastedAnswer(text, expected)), reason));
  }

  it('must be the whole address where the issuer names itself in it', () => {
    assert.match(String(code('abc123', { wholeOnly: true })), /A code is not enough here/);
    assert.equal(code(`${redirectUri}?code=abc123&state=s`, { wholeOnly: true }), 'abc123');
  });
});

describe('sign-in by a pasted address', async () => {
  const demo = await demoForTests({ only: { clusters: ['red-lab'] } });
  const { issuer, ca, clients } = demo.document;
  const http = createHttpClient([ca]);
  after(() => http.close());

  it('signs in at Dex with a browser that ends on an address where nobody listens', async () => {
    const client = {
      issuer,
      clientId: clients.public,
      scopes: ['email', 'offline_access'],
      extraParameters: { connector_id: 'corporate' },
      tokenKind: 'id-token',
    } as const;
    const shown = Promise.withResolvers<URL>();
    const { token, refreshToken } = await signInByPaste(await connectIssuer(http, client, soon()), {
      redirectUri,
      showAddress: async url => shown.resolve(url),
      readPaste: async () => {
        const { url } = await demo.signIn((await shown.promise).href, demo.user('ada'), {
          stopAt: address => address.port === '18000',
        });
        return url;
      },
      signal: soon(),
    });
    assert.equal(token.account.label, demo.user('ada').email);
    assert.ok(refreshToken);
  });

  const fake = await startFakeIssuer({ after });
  async function paste(pastes: (back: URL) => string[], options: Partial<PasteSignIn> = {}) {
    const troubles: (string | undefined)[] = [];
    let left: string[] = [];
    const signedIn = signInByPaste(await fake.connect(), {
      redirectUri,
      showAddress: async url => {
        left = pastes(fake.accept(url));
      },
      readPaste: async trouble => {
        troubles.push(trouble);
        return left.shift() ?? '';
      },
      signal: soon(),
      ...options,
    });
    return { signedIn, troubles };
  }

  it('takes a bare code, which its nonce and PKCE tie to this login', async () => {
    const { signedIn } = await paste(back => [back.searchParams.get('code') ?? '']);
    assert.equal((await signedIn).token.account.subject, 'ada');
    const sent = fake.requestsTo('/token').at(-1)?.form;
    assert.equal(sent?.get('redirect_uri'), redirectUri);
    assert.ok(sent?.get('code_verifier'));
  });

  it('asks again after rubbish, and says what is wrong', async () => {
    const { signedIn, troubles } = await paste(back => ['', 'what do you mean', back.href]);
    await signedIn;
    assert.equal(troubles.length, 3);
    assert.equal(troubles[0], undefined);
    assert.match(troubles[1] ?? '', /Nothing was pasted/);
    assert.match(troubles[2] ?? '', /neither a code/);
  });

  it('gives up after five times', async () => {
    const { signedIn, troubles } = await paste(() => []);
    await assert.rejects(signedIn, userError('LOGIN_DENIED', /not the answer to this login/));
    assert.equal(troubles.length, 5);
  });

  it('ends with the issuer’s reason when that is what was pasted', async () => {
    const { signedIn } = await paste(back => {
      back.searchParams.delete('code');
      back.searchParams.set('error', 'access_denied');
      return [back.href];
    });
    await assert.rejects(signedIn, userError('LOGIN_DENIED', /access_denied/));
  });

  it('refuses an answer in the name of another issuer', async () => {
    const { signedIn } = await paste(back => {
      back.searchParams.set('iss', 'https://evil.example');
      return [back.href];
    });
    await assert.rejects(signedIn, userError('ISSUER_ANSWER', /another issuer/));
  });
});
