import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { type Demo, startDemo } from '../demo/index.ts';
import { UserError } from '../errors.ts';
import { parseLoginLink } from '../portal/login-link.ts';
import { canAsk, type Streams, write } from '../system/streams.ts';
import { playDemo } from '../demo/play.ts';

export type DemoFlags = {
  readonly auto?: boolean;
  readonly serve?: boolean;
  readonly port?: string;
  readonly json?: boolean;
};

/** Runs `dkp-auth demo`: the wizard on an embedded DKP, the same played by itself, or only the DKP. */
export async function demo(flags: DemoFlags, streams: Streams, signal: AbortSignal): Promise<void> {
  const embedded = await startDemo(portOption(flags.port));
  try {
    if (flags.serve) await serve(embedded, flags.json === true, streams, signal);
    else await inPrivateHome(embedded, flags, streams, signal);
  } finally {
    await embedded.close();
  }
}

function portOption(text: string | undefined): { port?: number } {
  if (text === undefined) return {};
  const port = Number(text);
  if (Number.isInteger(port) && port > 0 && port < 65_536) return { port };
  throw new UserError('USAGE', '--port takes a number from 1 to 65535.');
}

async function serve({ document }: Demo, json: boolean, { stdout }: Streams, signal: AbortSignal): Promise<void> {
  const lines = [
    `Global login link:  ${document.loginLinks.global}`,
    ...Object.entries(document.loginLinks.workspaces).map(([name, link]) => `Workspace ${name}: ${link}`),
    `CA file:            ${document.caFile}`,
    'Stop with Ctrl+C.',
  ];
  await write(stdout, json ? `${JSON.stringify(document)}\n` : `${lines.join('\n')}\n`);
  await new Promise<void>(resolve => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

/** Nothing of the demo is to be found in the person's own files afterwards. */
async function inPrivateHome(embedded: Demo, flags: DemoFlags, streams: Streams, signal: AbortSignal): Promise<void> {
  const home = await mkdtemp(path.join(os.tmpdir(), 'dkp-auth-demo-'));
  const env = {
    ...streams.env,
    HOME: home,
    DKP_AUTH_CONFIG_DIR: path.join(home, '.config', 'dkp-auth'),
    DKP_AUTH_STATE_DIR: path.join(home, '.local', 'state', 'dkp-auth'),
  };
  const own = { ...streams, env };
  try {
    if (flags.auto || !canAsk(streams) || streams.env['TERM'] === 'dumb') await playDemo(embedded, own, signal);
    else await wizardOn(embedded, own, signal);
  } finally {
    await rm(home, { recursive: true, force: true });
  }
}
async function wizardOn(embedded: Demo, streams: Streams, signal: AbortSignal): Promise<void> {
  const { runWizard } = await import('../wizard/run-wizard.tsx');
  const ada = embedded.user('ada');
  await runWizard({
    answers: { link: parseLoginLink(embedded.document.loginLinks.global), profiles: { byCluster: new Map() } },
    browser: { env: streams.env },
    streams,
    demo: {
      hints: [`In this demo: choose "Corporate Directory" and sign in as ${ada.login} with the password ${ada.password}.`],
      playPerson: async url => void (await embedded.signIn(url.href, ada)),
    },
  });
  void signal;
}
