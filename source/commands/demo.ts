import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { type Demo, startDemo } from '../demo/index.ts';
import { UserError } from '../errors.ts';
import { canAsk, type Streams, write } from '../system/streams.ts';
import { voiceOf } from './voice.ts';

export type DemoFlags = {
  readonly auto?: boolean;
  readonly serve?: boolean;
  readonly port?: string;
  readonly plain?: boolean;
  readonly screenReader?: boolean;
  readonly json?: boolean;
};

/** Runs `dkp-auth demo`: the wizard on an embedded DKP, the same played by itself, or only the DKP. */
export async function demo(flags: DemoFlags, streams: Streams, signal: AbortSignal): Promise<void> {
  const embedded = await startDemo(flags.port === undefined ? {} : { port: portOf(flags.port) });
  try {
    if (flags.serve) await serve(embedded, flags.json === true, streams, signal);
    else await inPrivateFolders(embedded, flags, streams, signal);
  } finally {
    await embedded.close();
  }
}

/** @throws UserError USAGE */
export function portOf(text: string): number {
  const port = Number(text);
  if (text !== '' && Number.isInteger(port) && port > 0 && port < 65_536) return port;
  throw new UserError('USAGE', '--port takes a number from 1 to 65535.');
}

async function serve(
  { document }: Demo,
  json: boolean,
  { stdout }: Streams,
  signal: AbortSignal,
): Promise<void> {
  const { loginLinks, caFile, users } = document;
  const lines = [
    `Global login link: ${loginLinks.global}`,
    ...Object.entries(loginLinks.workspaces).map(([name, link]) => `Workspace ${name}: ${link}`),
    `CA file: ${caFile}`,
    'Users:',
    ...users.map(
      user => `  ${user.login} with the password ${user.password} at ${user.identityProvider}: ${user.sees}`,
    ),
    'Stop with Ctrl+C.',
  ];
  await write(stdout, json ? `${JSON.stringify(document)}\n` : `${lines.join('\n')}\n`);
  await new Promise<void>(resolve => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

/** Nothing of the demo is to be found among the person's own files afterwards. */
async function inPrivateFolders(
  embedded: Demo,
  flags: DemoFlags,
  streams: Streams,
  signal: AbortSignal,
): Promise<void> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'dkp-auth-demo-'));
  const env = {
    ...streams.env,
    DKP_AUTH_CONFIG_DIR: path.join(folder, 'config'),
    DKP_AUTH_STATE_DIR: path.join(folder, 'state'),
    DKP_AUTH_KUBECONFIG_DIR: path.join(folder, 'kube'),
    KUBECACHEDIR: path.join(folder, 'cache'),
    // The platform is on this machine, where no proxy would find it.
    NO_PROXY: [streams.env['NO_PROXY'] ?? streams.env['no_proxy'], '127.0.0.1'].filter(Boolean).join(','),
  };
  const own = { ...streams, env };
  try {
    if (flags.auto || (!canAsk(streams) && !flags.plain)) {
      const { playDemo } = await import('./demo-play.ts');
      await playDemo(embedded, own, signal);
    } else {
      const { tryDemo } = await import('./demo-wizard.ts');
      await tryDemo(embedded, own, folder, signal, voiceOf(flags, streams));
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
