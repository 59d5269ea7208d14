import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { createAuthority } from '../../source/demo/certificates.ts';
import { type Demo, startDemo } from '../../source/demo/index.ts';
import type { UserError } from '../../source/errors.ts';
import { parseLoginLink } from '../../source/portal/login-link.ts';
import type { PortalConnection } from '../../source/portal/token-service.ts';
import { beginPortalSignIn, type PendingSignIn, waitForPortalSignIn } from '../../source/sign-in/portal.ts';
import { createHttpClient, type HttpClient } from '../../source/system/http.ts';
import { claimsIn } from '../demo/helpers.ts';
import { smallestPortal } from '../helpers/portal-login.ts';
import { userError } from '../helpers/user-error.ts';

const emailIn = (token: string) => claimsIn(token)['email'];

async function openPortal(test: TestContext): Promise<{ demo: Demo; portal: PortalConnection }> {
  const demo = await startDemo(smallestPortal);
  const http = createHttpClient([demo.document.ca]);
  test.after(async () => {
    await http.close();
    await demo.close();
  });
  return { demo, portal: { link: parseLoginLink(demo.document.loginLinks.global), http } };
}

describe('a portal sign-in', { concurrency: true }, () => {
  it("gives the token of the person who opened its address, and its request code is nobody else's", async test => {
    const { demo, portal } = await openPortal(test);
    const pending = await beginPortalSignIn(portal);
    const other = await beginPortalSignIn(portal);
    assert.match(pending.requestCode, /^[0-9a-f]{48}$/);
    assert.notEqual(pending.requestCode, other.requestCode);
    assert.notEqual(pending.hmac, other.hmac);
    assert.equal(pending.deadline, pending.startedAt.steady + 300_000);
    const waiting = waitForPortalSignIn(portal, pending);
    await demo.signIn(pending.authorizationUrl.href, demo.user('ada'));
    assert.equal(emailIn(await waiting), 'ada@corp.example');
  });

  it('begun by two people in one second begins again for one of them, and each gets their own token', async test => {
    const { demo, portal } = await openPortal(test);
    demo.faults.set('start', 'same-second');
    let starts = 0;
    demo.intercept(/^POST \/token\/async/, () => {
      starts += 1;
      if (starts > 2) demo.faults.clear('start');
      return false;
    });
    const [ada, ravi] = await Promise.all([beginPortalSignIn(portal), beginPortalSignIn(portal)]);
    assert.ok(starts > 2, 'nobody began again');
    assert.notEqual(ada.hmac, ravi.hmac);
    const tokens = Promise.all([waitForPortalSignIn(portal, ada), waitForPortalSignIn(portal, ravi)]);
    await demo.signIn(ravi.authorizationUrl.href, demo.user('ravi'));
    await demo.signIn(ada.authorizationUrl.href, demo.user('ada'));
    assert.deepEqual((await tokens).map(emailIn), ['ada@corp.example', 'ravi@corp.example']);
  });

  it('that another one overtakes while the person signs in ends, and says to begin again', async test => {
    const { demo, portal } = await openPortal(test);
    const pending = await beginPortalSignIn(portal);
    demo.faults.set('query', 'wrong-code');
    await assert.rejects(
      waitForPortalSignIn(portal, pending),
      userError('LOGIN_TIMEOUT', /took the place.*\n.*Begin the login again/),
    );
  });

  it('that nobody completes ends when the portal forgets it', async test => {
    const { demo, portal } = await openPortal(test);
    const pending = await beginPortalSignIn(portal);
    demo.faults.set('query', { status: 400, body: 'HMAC expired' });
    await assert.rejects(
      waitForPortalSignIn(portal, pending),
      userError('LOGIN_TIMEOUT', /Nobody signed in/),
    );
  });

  it('that nobody completes ends at its own deadline too', async test => {
    const { portal } = await openPortal(test);
    const pending = await beginPortalSignIn(portal);
    const short = { ...pending, deadline: Date.now() + 100 };
    await assert.rejects(waitForPortalSignIn(portal, short), userError('LOGIN_TIMEOUT', /Nobody signed in/));
  });

  it('waits trouble out, tells of it once it begins and when it is over', async test => {
    const { demo, portal } = await openPortal(test);
    const pending = await beginPortalSignIn(portal);
    await demo.signIn(pending.authorizationUrl.href, demo.user('ada'));
    demo.faults.set('query', 'bad-gateway', { times: 1 });
    const told: (string | undefined)[] = [];
    const token = await waitForPortalSignIn(portal, pending, {
      onTrouble: trouble => told.push(trouble?.message),
    });
    assert.equal(emailIn(token), 'ada@corp.example');
    assert.equal(told.length, 2);
    assert.match(told[0] ?? '', /status 502/);
    assert.equal(told[1], undefined);
  });

  it('that is in trouble to its end fails with the trouble, not as if nobody had come', async test => {
    const { demo, portal } = await openPortal(test);
    const pending = await beginPortalSignIn(portal);
    demo.faults.set('query', 'bad-gateway');
    const short = { ...pending, deadline: Date.now() + 2500 };
    await assert.rejects(waitForPortalSignIn(portal, short), userError('PORTAL_ANSWER', /status 502/));
  });

  it('ends at once when the portal turns out to be another', async test => {
    const { portal } = await openPortal(test);
    const pending = await beginPortalSignIn(portal);
    const suspicious = createHttpClient([createAuthority('Other').pem]);
    const told: UserError[] = [];
    await assert.rejects(
      waitForPortalSignIn({ ...portal, http: suspicious }, pending, {
        onTrouble: trouble => trouble && told.push(trouble),
      }),
      userError('TLS'),
    );
    assert.deepEqual(told, []);
    await suspicious.close();
  });

  it('can be left at any moment', async test => {
    const { portal } = await openPortal(test);
    const stop = new AbortController();
    const beginning = beginPortalSignIn(portal, stop.signal);
    stop.abort();
    await assert.rejects(beginning, { name: 'AbortError' });
    const pending = await beginPortalSignIn(portal);
    const again = new AbortController();
    const waiting = waitForPortalSignIn(portal, pending, { signal: again.signal });
    again.abort();
    await assert.rejects(waiting, { name: 'AbortError' });
    await assert.rejects(waitForPortalSignIn(portal, pending, { signal: again.signal }), {
      name: 'AbortError',
    });
  });
});

describe('a portal that makes things up', { concurrency: true }, () => {
  const link = parseLoginLink('dkp.example.com');
  const answering = (authURL: string, status = 200): PortalConnection => {
    const send: HttpClient['send'] = async (_, { method } = {}) =>
      method === 'POST'
        ? { status: 201, headers: {}, body: JSON.stringify({ authURL, hmac: 'h', ttl: 300 }) }
        : { status, headers: {}, body: '{"ready":false}' };
    return { link, http: { send, close: async () => undefined } };
  };

  const refused = [
    'http://dkp.example.com/dex/auth',
    'javascript:alert(1)',
    'file:///etc/passwd',
    'ftp://dkp.example.com',
    'data:text/html,x',
    'HTTPS:dkp.example.com',
    '/dex/auth',
    '',
    ' https://dkp.example.com/dex/auth',
    'https://dkp.example.com/\u001b]52;c;ZXZpbA==\u0007',
    'https://dkp.example.com/\nhttps://evil.example/',
    'https://dkp.example.com/\u202egpj',
    'https://ada:pw@dkp.example.com/',
    'https://dkp.example.com@evil.example/',
    'https://',
    '--help',
  ];
  for (const address of refused) {
    it(`has no address opened or shown that is not plain https: ${JSON.stringify(address)}`, async () => {
      await assert.rejects(
        beginPortalSignIn(answering(address)),
        userError('PORTAL_ANSWER', /not an https address.*\nNothing was opened/),
      );
    });
  }

  it('may send people to an issuer elsewhere', async () => {
    const pending: PendingSignIn = await beginPortalSignIn(answering('https://login.example.org/auth?x=1'));
    assert.equal(pending.authorizationUrl.href, 'https://login.example.org/auth?x=1');
  });

  it('gives every login to somebody else is left in the end', async t => {
    t.mock.method(Math, 'random', () => 0);
    await assert.rejects(
      beginPortalSignIn(answering('https://dkp.example.com/dex/auth', 401)),
      userError('LOGIN_DENIED', /Other logins keep taking the place/),
    );
  });
});
