import { mkdir, symlink } from 'node:fs/promises';
import path from 'node:path';
import { execa } from 'execa';
import type { Demo } from '../demo/index.ts';
import { parseLoginLink } from '../portal/login-link.ts';
import { type Streams, write } from '../system/streams.ts';
import { isExecutable } from '../system/this-program.ts';
import { runWizard, type Voice } from '../wizard/run-wizard.tsx';
import { hasKubectl, showPods } from './demo-kubectl.ts';

/** The wizard on the embedded DKP, then its clusters' answer, then a shell in which the commands shown work. */
export async function tryDemo(
  embedded: Demo,
  streams: Streams,
  folder: string,
  signal: AbortSignal,
  voice: Voice,
): Promise<void> {
  const ada = embedded.user('ada');
  const outcome = await runWizard({
    answers: {
      link: parseLoginLink(embedded.document.loginLinks.global),
      profiles: { byCluster: new Map() },
    },
    browser: { env: streams.env },
    streams,
    signal,
    voice,
    demo: {
      hints: [`Demo: sign in as ${ada.login}, password ${ada.password}, at Corporate Directory.`],
      playPerson: async url => void (await embedded.signIn(url.href, ada)),
    },
  });
  const signedIn = outcome.profiles.find(profile => profile.token !== undefined);
  const kubectl = await hasKubectl(streams);
  if (signedIn !== undefined) {
    await write(streams.stdout, '\nThe cluster answers:\n');
    await showPods(signedIn, kubectl, streams);
  }
  await openShell(streams, folder);
}

/** The demo lives as long as this shell; in it `dkp-auth` is this program and finds the demo's profiles. */
async function openShell({ env, stderr }: Streams, folder: string): Promise<void> {
  const bin = path.join(folder, 'bin');
  await mkdir(bin);
  const program = isExecutable ? process.execPath : path.join(import.meta.dirname, 'cli.js');
  await symlink(program, path.join(bin, 'dkp-auth'));
  const shell = process.platform === 'win32' ? (env['COMSPEC'] ?? 'cmd.exe') : (env['SHELL'] ?? '/bin/sh');
  await write(
    stderr,
    '\nThis is a shell in which the commands above work. Leave it with "exit": that ends the demo.\n',
  );
  const extended = { ...env, PATH: `${bin}${path.delimiter}${env['PATH'] ?? ''}` };
  await execa(shell, { env: extended, stdio: 'inherit', reject: false });
}
