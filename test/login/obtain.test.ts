import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { checkToken } from '../../source/login/obtain.ts';
import { parseLoginLink } from '../../source/portal/login-link.ts';
import { openPortal } from '../../source/portal/open-portal.ts';
import { thisMoment } from '../../source/system/moment.ts';
import { demoForTests } from '../demo/helpers.ts';
import { smallestPortal } from '../helpers/portal-login.ts';
import { userError } from '../helpers/user-error.ts';

describe('a token that came through a portal, a page or a person', async () => {
  const demo = await demoForTests(smallestPortal);
  const { issuer, ca, loginLinks } = demo.document;
  const link = parseLoginLink(loginLinks.global);
  const portal = openPortal(link, { kind: 'authority', pem: ca });
  const now = Math.floor(Date.now() / 1000);
  const claims = { iss: issuer, sub: 'ada', aud: 'kube-apiserver', iat: now, exp: now + 600 };
  const demand = { issuers: [issuer] };

  it('is checked with the keys of the issuer it names, if that is one of those expected', async () => {
    const checked = await checkToken(portal, demo.mint(claims), {
      issuers: ['https://other.example', issuer],
    });
    assert.equal(checked.account.subject, 'ada');
  });

  it('of any other issuer is refused without asking that issuer anything', async () => {
    demo.forgetRequests();
    for (const iss of ['https://evil.example/dex', `${issuer}/`, undefined, 7]) {
      const token = demo.mint({ ...claims, iss });
      await assert.rejects(
        checkToken(portal, token, demand),
        userError('TOKEN_INVALID', /not from https:\/\/127/),
      );
    }
    await assert.rejects(checkToken(portal, 'rubbish', demand), userError('TOKEN_INVALID', /cannot be read/));
    assert.deepEqual(demo.requests, []);
  });

  it("is old or expired by the issuer's clock, not by this machine's", async () => {
    const startedAt = thisMoment();
    const hour = 3600;
    const stop = demo.intercept('/dex/keys', ({ response }) => {
      response.setHeader('date', new Date(startedAt.clock + hour * 1000).toUTCString());
      return false;
    });
    const later = { ...claims, iat: now + hour, exp: now + hour + 600 };
    await checkToken(portal, demo.mint(later), { ...demand, startedAt });
    await assert.rejects(
      checkToken(portal, demo.mint({ ...later, iat: now }), { ...demand, startedAt }),
      userError('TOKEN_INVALID', /older than this login/),
    );
    await assert.rejects(
      checkToken(portal, demo.mint(claims), demand),
      userError('TOKEN_INVALID', /has expired/),
    );
    stop();
  });

  it('is checked for the account and the audience that were demanded', async () => {
    const token = demo.mint(claims);
    const account = { issuer, subject: 'eve', label: 'eve' };
    await assert.rejects(checkToken(portal, token, { ...demand, account }), userError('WRONG_ACCOUNT'));
    await assert.rejects(
      checkToken(portal, token, { ...demand, audiences: ['red-prod'] }),
      userError('TOKEN_INVALID', /meant for kube-apiserver/),
    );
  });

  it('is not believed while the keys cannot be had', async () => {
    const token = demo.mint(claims);
    demo.faults.set('keys', 'bad-gateway', { times: 1 });
    await assert.rejects(checkToken(portal, token, demand), userError('ISSUER_METADATA'));
    await portal.close();
  });
});
