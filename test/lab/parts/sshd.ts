import { existsSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { execa } from 'execa';
import { greets } from '../probe.ts';
import { runVariable } from '../processes.ts';
import type { Run } from '../run.ts';
import type { Part } from './part.ts';

/** Where sshd drops its rights; Debian's own service makes it, and here it does not run. */
const privilegeFolder = '/run/sshd';
const madeMark = (run: Run) => run.path('sshd', 'made-privilege-folder');

export const sshAccess = (run: Run) => ({
  host: '127.0.0.1',
  port: run.port('sshd'),
  user: userInfo().username,
  keyFile: run.path('sshd', 'client'),
  knownHostsFile: run.path('sshd', 'known_hosts'),
  /** HOME of whoever logs in: a folder of the run instead of the account's own */
  home: run.path('sshd', 'home'),
});

/** The arguments of ssh that reach the lab's sshd and touch no file of the person's. */
export function sshArguments(run: Run): string[] {
  const access = sshAccess(run);
  return [
    ...['-F', 'none', '-p', String(access.port), '-i', access.keyFile],
    ...['-o', 'IdentitiesOnly=yes', '-o', 'BatchMode=yes', '-o', 'StrictHostKeyChecking=yes'],
    ...['-o', `UserKnownHostsFile=${access.knownHostsFile}`, '-o', 'GlobalKnownHostsFile=none'],
    `${access.user}@${access.host}`,
  ];
}

const newKey = (file: string) =>
  execa('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', 'lab', '-f', file]);

async function makeFiles(run: Run) {
  const access = sshAccess(run);
  await mkdir(access.home, { recursive: true, mode: 0o700 });
  const hostKey = run.path('sshd', 'host');
  await newKey(hostKey);
  await newKey(access.keyFile);
  await writeFile(run.path('sshd', 'authorized_keys'), await readFile(`${access.keyFile}.pub`), {
    mode: 0o600,
  });
  const known = `[${access.host}]:${access.port} ${await readFile(`${hostKey}.pub`, 'utf8')}`;
  await writeFile(access.knownHostsFile, known, { mode: 0o600 });
}

const configuration = (run: Run) => `
Port ${run.port('sshd')}
ListenAddress 127.0.0.1
HostKey ${run.path('sshd', 'host')}
PidFile ${run.path('sshd', 'pid')}
AuthorizedKeysFile ${run.path('sshd', 'authorized_keys')}
StrictModes no
UsePAM no
PermitRootLogin prohibit-password
PasswordAuthentication no
KbdInteractiveAuthentication no
AllowTcpForwarding yes
X11Forwarding no
PrintMotd no
SetEnv HOME=${sshAccess(run).home} PATH=${process.env['PATH'] ?? '/usr/bin:/bin'} ${runVariable}=${run.id}
AcceptEnv LANG LC_* DKP_AUTH_* KUBECONFIG SSL_CERT_FILE NODE_EXTRA_CA_CERTS
Subsystem sftp internal-sftp
`;

export const sshd: Part = {
  id: 'sshd',
  about: 'an OpenSSH server for logins without a display',
  loses: 'logins over SSH',
  after: [],
  tools: [],
  files: ['/usr/sbin/sshd', '/usr/bin/ssh'],
  address: run => `ssh://127.0.0.1:${run.port('sshd')}`,
  prepare: async run => {
    if (!existsSync(run.path('sshd'))) {
      await mkdir(run.path('sshd'), { mode: 0o700 });
      await makeFiles(run);
    }
    if (process.getuid?.() === 0 && !existsSync(privilegeFolder)) {
      await mkdir(privilegeFolder, { mode: 0o755 });
      await writeFile(madeMark(run), '');
    }
    const file = run.path('sshd', 'sshd_config');
    await writeFile(file, configuration(run), { mode: 0o600 });
    return { command: '/usr/sbin/sshd', args: ['-D', '-e', '-f', file] };
  },
  ready: run => greets(run.port('sshd'), 'SSH-2.0-'),
  patienceSeconds: 20,
};

/** What the run made outside its folder. */
export async function removeSshdTraces(run: Run): Promise<void> {
  if (existsSync(madeMark(run))) await rm(privilegeFolder, { recursive: true, force: true });
}
