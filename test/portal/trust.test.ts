import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createAuthority } from '../../source/demo/certificates.ts';
import { parseLoginLink } from '../../source/portal/login-link.ts';
import { openPortal } from '../../source/portal/open-portal.ts';
import { trustThis } from '../../source/portal/portal.ts';
import { findTrust, type TrustAnswers } from '../../source/portal/trust.ts';
import { inspectServerCertificates, readCertificates } from '../../source/system/certificates.ts';
import { displayFingerprint } from '../../source/system/fingerprint.ts';
import { demoForTests, originOf } from '../demo/helpers.ts';
import { userError } from '../helpers/user-error.ts';

describe('trust in a portal', async () => {
  const demo = await demoForTests();
  const link = parseLoginLink(demo.document.loginLinks.global);
  const { ca } = demo.document;
  const fingerprint = readCertificates(ca, 'demo')[0]?.fingerprint ?? '';
  const stranger = createAuthority('Stranger').pem;
  const find = (answers: TrustAnswers) => findTrust(link, answers);
  const trusted = { kind: 'trusted', trust: { kind: 'authority', pem: ca } };

  it('is a question when nobody vouches for its certificate, and nothing is sent before the answer', async () => {
    demo.forgetRequests();
    const finding = await find({});
    assert.equal(finding.kind, 'unknown');
    assert.equal(finding.kind === 'unknown' && finding.certificates.authority.fingerprint, fingerprint);
    assert.deepEqual(demo.requests, []);
  });

  it('is the answer to that question, once the person says yes', async () => {
    const finding = await find({});
    assert.ok(finding.kind === 'unknown');
    const portal = openPortal(link, trustThis(finding.certificates));
    assert.equal((await portal.http.send(new URL(`${originOf(demo)}/token/landing/`))).status, 200);
    await portal.close();
  });

  it('is given by a file, which is checked to hold certificates before anything is sent', async () => {
    assert.deepEqual(await find({ caFile: { path: 'ca.pem', pem: ca } }), trusted);
    await assert.rejects(
      find({ caFile: { path: '/tmp/ca.pem', pem: 'x' } }),
      userError('CA_FILE_INVALID', /\/tmp\/ca\.pem holds no PEM certificate/),
    );
  });

  const spellings = [
    fingerprint,
    fingerprint.toUpperCase(),
    displayFingerprint(fingerprint),
    `sha256:${fingerprint}`,
    `SHA256/${displayFingerprint(fingerprint).toLowerCase()}`,
  ];
  for (const text of spellings) {
    it(`is given by the fingerprint ${text.slice(0, 20)}...`, async () => {
      const finding = await find({ fingerprint: text });
      assert.equal(finding.kind, 'trusted');
      assert.equal(
        finding.kind === 'trusted' &&
          finding.trust.kind === 'authority' &&
          readCertificates(finding.trust.pem, '')[0]?.fingerprint,
        fingerprint,
      );
    });
  }

  it("is given by the server's own fingerprint too, and then only to that certificate", async () => {
    const { server } = await inspectServerCertificates(new URL(originOf(demo)));
    const finding = await find({ fingerprint: server.fingerprint });
    assert.deepEqual(finding, { kind: 'trusted', trust: { kind: 'authority', pem: server.pem } });
  });

  it('is refused when the server has another certificate than the one named, and its own is told', async () => {
    const other = readCertificates(stranger, '')[0]?.fingerprint ?? '';
    await assert.rejects(
      find({ fingerprint: other }),
      userError('TRUST_REFUSED', new RegExp(`It has ${displayFingerprint(fingerprint)}`)),
    );
  });

  it('is not given by what is no SHA-256 fingerprint', async () => {
    for (const text of [
      '',
      'yes',
      fingerprint.slice(1),
      `${fingerprint}0`,
      'sha1:abc',
      `${fingerprint.slice(1)}g`,
    ]) {
      await assert.rejects(find({ fingerprint: text }), userError('USAGE', /64 hexadecimal digits/));
    }
  });

  it('is remembered while the certificate is the same', async () => {
    assert.deepEqual(await find({ remembered: ca }), trusted);
  });

  it('is refused when the certificate is no longer the remembered one, and never asked for again by itself', async () => {
    demo.forgetRequests();
    await assert.rejects(
      find({ remembered: stranger }),
      userError('TRUST_REFUSED', /no longer has the certificate you trusted.*\n.*--ca-file or --trust/),
    );
    assert.deepEqual(demo.requests, []);
  });

  it('follows what is said now rather than what is remembered', async () => {
    assert.deepEqual(await find({ remembered: stranger, caFile: { path: 'ca.pem', pem: ca } }), trusted);
    assert.equal((await find({ remembered: stranger, fingerprint })).kind, 'trusted');
  });

  it('is not decided while the portal cannot be reached', async () => {
    const { port } = new URL(demo.cluster('blue-edge').server);
    const nowhere = parseLoginLink(`127.0.0.1:${port}`);
    for (const answers of [{}, { remembered: ca }, { fingerprint }]) {
      await assert.rejects(findTrust(nowhere, answers), userError('NETWORK', /nothing listens there/));
    }
  });

  it('in the portal is enough for an issuer behind the same address; one elsewhere may have a public certificate too', async () => {
    const portal = openPortal(link, { kind: 'authority', pem: ca });
    assert.equal(portal.httpFor(demo.document.issuer), portal.http);
    const elsewhere = portal.httpFor(demo.cluster('kubernetes-cluster').server);
    assert.notEqual(elsewhere, portal.http);
    assert.equal(portal.httpFor('https://issuer.example.com'), elsewhere);
    assert.equal(
      (await elsewhere.send(new URL(`${demo.cluster('kubernetes-cluster').server}/version`))).status,
      200,
    );
    await portal.close();
    const usual = openPortal(link, { kind: 'system' });
    assert.equal(usual.httpFor('https://issuer.example.com'), usual.http);
    await usual.close();
  });
});
