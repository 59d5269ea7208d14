import { createInterface } from 'node:readline/promises';
import { addAbortSignal } from 'node:stream';
import { UserError } from '../errors.ts';
import { type BrowserChoice, openBrowser } from '../system/browser.ts';
import { canAsk, type Streams, write } from '../system/streams.ts';

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
  if (canAsk(streams)) {
    const lines = createInterface({ input: streams.stdin, output: streams.stderr });
    try {
      return await lines.question(question, { ...(signal && { signal }) });
    } finally {
      lines.close();
    }
  }
  let text = '';
  const input = signal === undefined ? streams.stdin : addAbortSignal(signal, streams.stdin);
  for await (const chunk of input) {
    text += chunk;
    if (text.length > longestPaste)
      throw new UserError('TOKEN_INVALID', 'What came through stdin is too long for a token.');
  }
  return text;
}
