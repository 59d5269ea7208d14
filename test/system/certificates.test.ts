import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import net from 'node:net';
import { describe, it } from 'node:test';
import { createAuthority } from '../../source/demo/certificates.ts';
import { inspectServerCertificates, readCertificates } from '../../source/system/certificates.ts';
import { displayFingerprint } from '../../source/system/fingerprint.ts';
import { demoForTests, originOf } from '../demo/helpers.ts';
import { userError } from '../helpers/user-error.ts';

const one = createAuthority('One').pem;
const two = createAuthority('Two').pem;

describe('certificates in a PEM text', () => {
  it('are read with what a person needs to know of them', () => {
    const [certificate] = readCertificates(one, 'ca.pem');
    const original = new X509Certificate(one);
    assert.equal(certificate?.fingerprint, original.fingerprint256.replaceAll(':', '').toLowerCase());
    assert.match(certificate?.subject ?? '', /O=DKP demo CN=One/);
    assert.equal(certificate?.subject, certificate?.issuer);
    assert.equal(certificate?.selfSigned, true);
    assert.equal(certificate?.validTo.getTime(), Date.parse(original.validTo));
  });

  it('are found among other text, all of them', () => {
    const bundle = `# our CAs\r\n${one.replaceAll('\n', '\r\n')}\nsubject=x\n${two}`;
    assert.deepEqual(
      readCertificates(bundle, 'ca.pem').map(({ subject }) => subject),
      ['O=DKP demo CN=One', 'O=DKP demo CN=Two'],
    );
  });

  const faults: [string, string, RegExp][] = [
    ['an empty text', '', /ca\.pem holds no PEM certificate.*\n.*BEGIN CERTIFICATE/],
    ['a key', '-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n', /holds no PEM certificate/],
    ['the DER form', new X509Certificate(one).raw.toString('latin1'), /holds no PEM certificate/],
    ['half a certificate', one.slice(0, 200), /holds no PEM certificate/],
    ['a damaged certificate', one.replace(/[A-Za-z0-9]{20}/, 'AAAAAAAAAAAAAAAAAAAA'), /cannot be read/],
    ['one good and one damaged', `${one}${two.replace(/[A-Za-z0-9]{20}/, '')}`, /cannot be read/],
  ];
  for (const [what, pem, fault] of faults) {
    it(`are none in ${what}, and the file is named`, () => {
      assert.throws(() => readCertificates(pem, 'ca.pem'), userError('CA_FILE_INVALID', fault));
    });
  }
});

describe("a server's certificates", async () => {
  const demo = await demoForTests();

  it('are seen without trusting them and without sending anything', async () => {
    const before = demo.requests.length;
    const found = await inspectServerCertificates(new URL(originOf(demo)));
    assert.equal(found.trusted, false);
    assert.match(found.fault ?? '', /SELF_SIGNED|UNABLE_TO/);
    assert.equal(
      new X509Certificate(found.authority.pem).fingerprint256,
      new X509Certificate(demo.document.ca).fingerprint256,
    );
    assert.equal(found.authority.selfSigned, true);
    assert.equal(found.server.selfSigned, false);
    assert.notEqual(found.server.fingerprint, found.authority.fingerprint);
    assert.equal(demo.requests.length, before);
  });

  it('are not seen where nothing listens, or something that speaks no TLS', async t => {
    const { origin } = new URL(demo.cluster('blue-edge').server);
    await assert.rejects(
      inspectServerCertificates(new URL(origin)),
      userError('NETWORK', /nothing listens there/),
    );
    const plain = net
      .createServer(socket => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'))
      .listen(0, '127.0.0.1');
    t.after(() => plain.close());
    await once(plain, 'listening');
    const { port } = plain.address() as net.AddressInfo;
    await assert.rejects(
      inspectServerCertificates(new URL(`https://127.0.0.1:${port}`)),
      userError('NETWORK', /what comes is not TLS/),
    );
  });

  it('need not be waited for', async t => {
    const silent = net.createServer().listen(0, '127.0.0.1');
    const sockets = new Set<net.Socket>();
    silent.on('connection', socket => sockets.add(socket));
    t.after(() => {
      for (const socket of sockets) socket.destroy();
      silent.close();
    });
    await once(silent, 'listening');
    const { port } = silent.address() as net.AddressInfo;
    const url = new URL(`https://127.0.0.1:${port}`);
    const stop = new AbortController();
    const waiting = inspectServerCertificates(url, stop.signal);
    await once(silent, 'connection');
    stop.abort();
    await assert.rejects(waiting, { name: 'AbortError' });
    await assert.rejects(inspectServerCertificates(url, stop.signal), { name: 'AbortError' });
  });
});

describe('a fingerprint', () => {
  it('is shown as people compare it', () => assert.equal(displayFingerprint('0a1bff'), '0A:1B:FF'));
});
