import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readPaste, showAddress } from '../../source/sign-in/prompt.ts';
import { recordingBrowser } from '../helpers/recording-browser.ts';
import { fakeStreams } from '../helpers/streams.ts';
import { userError } from '../helpers/user-error.ts';

const url = new URL(`https://dkp.example.com/dex/auth?state=${'x'.repeat(300)}`);

test('an address stands alone and whole on its line, on stderr', async () => {
  const { streams, stdout, stderr } = fakeStreams();
  await showAddress(url, 'to sign in to prod', { env: {}, disabled: true }, streams);
  assert.equal(stderr(), `Open this address in any browser to sign in to prod:\n${url.href}\n`);
  assert.equal(stdout(), '');
});

test('an address is shown also when a browser was opened', async t => {
  const { streams, stderr } = fakeStreams();
  const browser = await recordingBrowser(t);
  await showAddress(url, 'to sign in', { env: {}, command: browser.command }, streams);
  assert.deepEqual(await browser.opened(), [url.href]);
  assert.match(
    stderr(),
    /^A browser was opened\. If it shows nothing, open this address to sign in:\nhttps:\S+\n$/,
  );
});

test('what a script sends through stdin is read to its end, without a question', async () => {
  const { streams, stdin, stderr } = fakeStreams();
  const reading = readPaste('Paste: ', streams);
  stdin.write('first ');
  stdin.end('second\n');
  assert.equal(await reading, 'first second\n');
  assert.equal(stderr(), '');
});

test('a stdin that never ends is not read for ever', async () => {
  const { streams, stdin } = fakeStreams();
  const reading = assert.rejects(readPaste('', streams), userError('TOKEN_INVALID', /too long for a token/));
  stdin.write('x'.repeat(60_000));
  stdin.write('x'.repeat(60_000));
  await reading;
});

test('an empty stdin is an empty paste', async () => {
  const { streams, stdin } = fakeStreams();
  stdin.end();
  assert.equal(await readPaste('', streams), '');
});

test('somebody who leaves is not waited for, though stdin stays open', async () => {
  const { streams } = fakeStreams();
  const stop = new AbortController();
  const reading = readPaste('', streams, stop.signal);
  stop.abort();
  await assert.rejects(reading, { name: 'AbortError' });
});
