import { existsSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';

const day = 24 * 60 * 60 * 1000;

export type Authority = { readonly file: string; readonly pem: string; readonly folder: string };
export type Leaf = { readonly certFile: string; readonly keyFile: string };

/** As openssl's `ca` takes it: only that command of Debian's openssl lets a certificate begin in the past. */
const configuration = (folder: string, name: string) => `
[ca]
default_ca = lab
[lab]
database = ${join(folder, `${name}.index`)}
new_certs_dir = ${folder}
rand_serial = yes
default_md = sha256
policy = names
copy_extensions = copy
email_in_dn = no
[names]
organizationName = optional
commonName = supplied
[req]
distinguished_name = empty
[empty]
`;

const asTime = (milliseconds: number) =>
  `${new Date(milliseconds).toISOString().slice(0, 19).replace(/[-:T]/g, '')}Z`;

async function issue(
  folder: string,
  name: string,
  subject: string,
  extensions: readonly string[],
  signer: 'self' | 'ca',
): Promise<Leaf> {
  const file = (suffix: string) => join(folder, `${name}.${suffix}`);
  await writeFile(file('cnf'), configuration(folder, name), { mode: 0o600 });
  await writeFile(file('index'), '', { mode: 0o600 });
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
  const added = extensions.flatMap(extension => ['-addext', extension]);
  const request = ['req', '-new', '-config', file('cnf'), ...curve, '-subj', subject, ...added];
  await execa('openssl', [...request, '-keyout', file('key'), '-out', file('csr')], { timeout: 20_000 });
  const key = ['-keyfile', join(folder, 'ca.key')];
  // A lab is short-lived, yet some tests set the clock back or forth.
  const times = ['-startdate', asTime(Date.now() - day), '-enddate', asTime(Date.now() + 30 * day)];
  const sign = [
    'ca',
    '-batch',
    '-notext',
    '-config',
    file('cnf'),
    ...key,
    ...times,
    '-in',
    file('csr'),
    '-out',
    file('new'),
  ];
  const by = signer === 'self' ? ['-selfsign'] : ['-cert', join(folder, 'ca.crt')];
  await execa('openssl', [...sign, ...by], { timeout: 20_000 });
  // Last, for the certificate is the sign that all the others are there.
  await writeFile(file('crt'), await readFile(file('new')), { mode: 0o600 });
  await Promise.all(['cnf', 'csr', 'new'].map(suffix => rm(file(suffix))));
  return { certFile: file('crt'), keyFile: file('key') };
}

/** A certificate authority in a folder of its own; made once in a run. */
export async function ensureAuthority(folder: string, commonName: string): Promise<Authority> {
  const file = join(folder, 'ca.crt');
  if (!existsSync(file)) {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const extensions = ['basicConstraints=critical,CA:TRUE', 'keyUsage=critical,keyCertSign,cRLSign'];
    await issue(folder, 'ca', `/CN=${commonName}`, [...extensions, 'subjectKeyIdentifier=hash'], 'self');
  }
  return { file, pem: await readFile(file, 'utf8'), folder };
}

/** A certificate of the authority, for a server on loopback or for a client with a name and groups. */
export async function ensureLeaf(
  authority: Authority,
  name: string,
  subject: { commonName: string; organization?: string; usage: 'server' | 'client' },
): Promise<Leaf> {
  const { folder } = authority;
  const leaf = { certFile: join(folder, `${name}.crt`), keyFile: join(folder, `${name}.key`) };
  if (existsSync(leaf.certFile)) return leaf;
  const organization = subject.organization === undefined ? '' : `/O=${subject.organization}`;
  const extensions = ['keyUsage=critical,digitalSignature', `extendedKeyUsage=${subject.usage}Auth`];
  if (subject.usage === 'server') extensions.push('subjectAltName=IP:127.0.0.1,DNS:localhost');
  return issue(folder, name, `${organization}/CN=${subject.commonName}`, extensions, 'ca');
}

/** The key that an API server signs service accounts' tokens with. */
export async function ensureSigningKey(file: string): Promise<string> {
  if (!existsSync(file)) {
    // Kubernetes reads the public half from OpenSSL's old form alone.
    const args = ['ecparam', '-name', 'prime256v1', '-genkey', '-noout', '-out', file];
    await execa('openssl', args, { timeout: 20_000 });
  }
  return file;
}
