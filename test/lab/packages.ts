import { existsSync } from 'node:fs';
import { chmod, rm, writeFile } from 'node:fs/promises';
import { execa } from 'execa';
import { Missing } from './missing.ts';
import { say } from './say.ts';

/** What the lab takes from Debian: the package, a file that shows that it is there, and what is lost without it. */
const packages = [
  { name: 'openssl', file: '/usr/bin/openssl', loses: 'every server: none has a certificate' },
  { name: 'etcd-server', file: '/usr/bin/etcd', loses: 'every API server' },
  { name: 'slapd', file: '/usr/sbin/slapd', loses: 'LDAP users behind Dex' },
  { name: 'ldap-utils', file: '/usr/bin/ldapwhoami', loses: 'the check that slapd answers' },
  { name: 'chromium', file: '/usr/bin/chromium', loses: 'every login that a person does in a browser' },
  { name: 'openssh-server', file: '/usr/sbin/sshd', loses: 'logins over SSH' },
  { name: 'openssh-client', file: '/usr/bin/ssh', loses: 'logins over SSH' },
  { name: 'gnome-keyring', file: '/usr/bin/gnome-keyring-daemon', loses: 'refresh tokens in a keyring' },
  { name: 'dbus', file: '/usr/bin/dbus-daemon', loses: 'refresh tokens in a keyring' },
  { name: 'libsecret-tools', file: '/usr/bin/secret-tool', loses: 'refresh tokens in a keyring' },
  { name: 'faketime', file: '/usr/bin/faketime', loses: 'a clock that is wrong' },
  { name: 'lynx', file: '/usr/bin/lynx', loses: 'the check that no text browser is ever started' },
  { name: 'w3m', file: '/usr/bin/w3m', loses: 'the check that no text browser is ever started' },
  { name: 'bsdutils', file: '/usr/bin/script', loses: 'recordings of the wizard' },
  { name: 'tmux', file: '/usr/bin/tmux', loses: 'the wizard inside tmux' },
] as const;

const policy = '/usr/sbin/policy-rc.d';
const environment = { DEBIAN_FRONTEND: 'noninteractive' };

/** Installs what is not there; returns what cannot be had, instead of failing at the first. */
export async function installPackages(): Promise<Missing[]> {
  const absent = packages.filter(each => !existsSync(each.file));
  if (absent.length === 0) return [];
  const names = absent.map(each => each.name);
  const missing = (why: string) =>
    packages.filter(each => !existsSync(each.file)).map(each => new Missing(each.name, why, each.loses));
  if (process.getuid?.() !== 0) return missing(`it is not installed, and only root can install it`);
  if (!existsSync('/usr/bin/apt-get')) return missing('this is no Debian: there is no apt-get');

  say(`installing ${names.join(', ')}`);
  // Debian starts a server as soon as it is installed, on its usual port; the lab wants its own alone.
  const ownPolicy = !existsSync(policy);
  if (ownPolicy) {
    await writeFile(policy, '#!/bin/sh\nexit 101\n');
    await chmod(policy, 0o755);
  }
  try {
    await execa('debconf-set-selections', {
      input: 'slapd slapd/no_configuration boolean true\n',
      env: environment,
      reject: false,
    });
    const update = await execa('apt-get', ['update', '-qq'], {
      env: environment,
      reject: false,
      all: true,
      timeout: 300_000,
    });
    if (update.failed) return missing(`apt-get update failed: ${lastLine(update.all)}`);
    const args = ['install', '-y', '-qq', '--no-install-recommends', ...names];
    const install = await execa('apt-get', args, {
      env: environment,
      reject: false,
      all: true,
      timeout: 900_000,
    });
    return missing(`apt-get install failed: ${lastLine(install.all)}`);
  } finally {
    if (ownPolicy) await rm(policy, { force: true });
  }
}

const lastLine = (text: string) => text.trimEnd().split('\n').at(-1) ?? '';
