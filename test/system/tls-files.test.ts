import assert from 'node:assert/strict';
import { createPrivateKey } from 'node:crypto';
import fs from 'node:fs/promises';
import path from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { createAuthority } from '../../source/demo/certificates.ts';
import { readAuthorities, readClientCertificate } from '../../source/system/tls-files.ts';
import { temporaryFolder } from '../helpers/home.ts';
import { userError } from '../helpers/user-error.ts';

const authority = createAuthority('People CA');
const other = createAuthority('Other CA');
const ann = authority.issue({ commonName: 'ann', dns: [], ip: [] });
const eve = authority.issue({ commonName: 'eve', dns: [], ip: [] });

async function filesOf(t: TestContext, contents: Record<string, string>) {
  const folder = await temporaryFolder(t);
  for (const [name, text] of Object.entries(contents)) await fs.writeFile(path.join(folder, name), text);
  return (name: string) => path.join(folder, name);
}

describe('authorities in files', () => {
  it('are read from each file, several in one too', async t => {
    const file = await filesOf(t, { a: `# ours\n${authority.pem}${other.pem}`, b: other.pem });
    const read = await readAuthorities([file('a'), file('b')]);
    assert.equal(read.length, 3);
    for (const pem of read) assert.match(pem, /^-----BEGIN CERTIFICATE-----/);
  });

  it('are an error by the name of the file that has none', async t => {
    const file = await filesOf(t, { a: authority.pem, b: 'hello' });
    await assert.rejects(readAuthorities([file('a'), file('b')]), userError('CA_FILE_INVALID', /b holds no/));
    await assert.rejects(readAuthorities([file('none')]), userError('IO', /There is no file .*none/));
  });
});

describe('a client certificate and its key', () => {
  it('are two files, or one that holds both', async t => {
    const file = await filesOf(t, { cert: ann.chain, key: ann.key, both: `${ann.key}${ann.chain}` });
    const two = await readClientCertificate(file('cert'), file('key'));
    assert.deepEqual(two, { certificate: ann.chain, key: ann.key });
    await readClientCertificate(file('both'), file('both'));
  });

  it('must belong together, be readable, and need no passphrase', async t => {
    const encrypted = createPrivateKey(ann.key)
      .export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'x' })
      .toString();
    const file = await filesOf(t, {
      cert: ann.chain,
      key: ann.key,
      other: eve.key,
      encrypted,
      none: 'hello',
    });
    const cases: [certificate: string, key: string, text: RegExp][] = [
      ['cert', 'other', /other is not the one of the certificate in .*cert/],
      ['cert', 'encrypted', /is encrypted/],
      ['cert', 'none', /none holds no PEM private key/],
      ['none', 'key', /none holds no PEM certificate/],
    ];
    for (const [certificate, key, text] of cases) {
      await assert.rejects(
        readClientCertificate(file(certificate), file(key)),
        userError('CLIENT_CERTIFICATE_INVALID', text),
      );
    }
  });
});
