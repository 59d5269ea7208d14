import { createInterface } from 'node:readline/promises';
import { addAbortSignal, Writable } from 'node:stream';
import { UserError } from '../errors.ts';
import { type BrowserChoice, openBrowser } from '../system/browser.ts';
import { steadyNow } from '../system/moment.ts';
import { canAsk, type Streams, write } from '../system/streams.ts';
import type { DeviceCode } from './device.ts';

const longestPaste = 100_000;

/** Shows an address on the screen and opens it where there is a browser. */
export async function showAddress(
  url: URL,
  purpose: string,
  browser: BrowserChoice,
  streams: Streams,
): Promise<void> {
  const opened = await openBrowser(url, browser);
  const lead = opened
    ? 'A browser was opened. If it shows nothing, open this address'
    : 'Open this address in any browser';
  // The address alone on its line, so that it can be copied whole however narrow the terminal is.
  await write(streams.stderr, `${lead} ${purpose}:\n${url.href}\n`);
}

/** Reads what a person pastes at the terminal, or what a script sends through stdin. */
export async function readPaste(question: string, streams: Streams, signal?: AbortSignal): Promise<string> {
  if (canAsk(streams)) return askAtTerminal(question, streams, { signal });
  let text = '';
  const input = signal === undefined ? streams.stdin : addAbortSignal(signal, streams.stdin);
  for await (const chunk of input) {
    text += chunk;
    if (text.length > longestPaste)
      throw new UserError('TOKEN_INVALID', 'What came through stdin is too long for a token.');
  }
  return text;
}

/** Asks the person; of a hidden answer the terminal shows nothing. */
export async function askAtTerminal(
  question: string,
  { stdin, stderr }: Streams,
  { signal, hidden = false }: { signal?: AbortSignal | undefined; hidden?: boolean },
): Promise<string> {
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input: stdin, output: hidden ? nowhere : stderr, terminal: true });
  if (hidden) await write(stderr, question);
  try {
    return await lines.question(question, { ...(signal && { signal }) });
  } finally {
    lines.close();
    if (hidden) await write(stderr, '\n');
  }
}

/** Shows the code of a device login: at once, in plain text, whatever else there is. */
export async function showDeviceCode(
  code: DeviceCode,
  browser: BrowserChoice,
  streams: Streams,
): Promise<void> {
  const minutes = Math.max(1, Math.round((code.expiresAt - steadyNow()) / 60_000));
  const { verificationUri, verificationUriComplete, userCode } = code;
  const lines = [
    'Open this address in any browser, on any machine:',
    verificationUri.href,
    `and enter your one-time code, good for ${minutes} minutes:`,
    userCode,
    ...(verificationUriComplete === undefined
      ? []
      : ['The same with the code in it:', verificationUriComplete.href]),
    `Compare the code with the one on the page at ${verificationUri.host}; never enter a code that somebody sent you.`,
  ];
  await write(streams.stderr, `${lines.join('\n')}\n`);
  await openBrowser(verificationUriComplete ?? verificationUri, browser);
}
