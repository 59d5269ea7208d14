import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { connectProxy } from '../../helpers/connect-proxy.ts';
import { endsWith, flags, openWizard, temporaryDemo, type Wizard } from '../../helpers/wizard-terminal.ts';
import { later } from '../../helpers/wizard-ways.ts';

/** How long nothing may be said about a network that is slow, in milliseconds. */
const longestSilenceMs = 3000;
/** A machine with much else to do is late now and then. */
const mostTries = 4;
const slow = 'This takes longer than usual';

/** Waits until a request has come that gets no answer; `answer` lets those that follow have theirs. */
async function unanswered({ demo }: Pick<Wizard, 'demo'>, line: RegExp) {
  const { promise, resolve } = Promise.withResolvers<number>();
  const answer = demo.intercept(line, () => {
    resolve(performance.now());
    return true;
  });
  return { came: promise, answer };
}

describe('a network that is slow', { concurrency: 2 }, () => {
  test('is told within three seconds, and trying again goes on at the same step', async t => {
    const silences: number[] = [];
    for (let count = 0; count < mostTries; count += 1) {
      const demo = await temporaryDemo(t);
      const { came, answer } = await unanswered({ demo }, /^GET \/token\/plugin\/providers/);
      const wizard = await openWizard(t, demo);
      const since = await came;
      await wizard.waitFor(slow);
      silences.push(Math.round(performance.now() - since));
      const screen = (await wizard.waitFor('r try again')).join('\n');
      assert.match(screen, /Asking 127\.0\.0\.1:\d+ for clusters and identity providers \(\d+ s\)/);
      answer();
      wizard.type('r');
      const next = (await wizard.at('provider')).join('\n');
      assert.doesNotMatch(next, new RegExp(slow));
      await wizard.press('ctrl+c');
      await endsWith(wizard, 130);
      if (Math.min(...silences) <= longestSilenceMs) break;
    }
    t.diagnostic(`${silences.join(', ')} ms`);
    assert.ok(Math.min(...silences) <= longestSilenceMs, `${silences.join(', ')} ms`);
  });

  test('keeps what was chosen: clusters, filter and place', async t => {
    const demo = await temporaryDemo(t);
    const wizard = await openWizard(t, demo, { args: later(demo) });
    await wizard.at('clusters');
    wizard.type('blue-prod');
    await wizard.press('space');
    await wizard.waitFor('1 chosen');
    const { came, answer } = await unanswered(wizard, /^GET \/token\//);
    await wizard.press('enter');
    await came;
    await wizard.waitFor(slow);
    answer();
    wizard.type('r');
    await wizard.at('method');
    await wizard.waitFor(() => /✓ Clusters: blue-prod$/m.test(wizard.text()));
    await wizard.press('escape');
    await wizard.waitFor(/Filter: blue-prod .*1 chosen/);
    await wizard.press('ctrl+c');
    await endsWith(wizard, 130);
  });

  test('or a proxy that never answers is told too, and Ctrl+C leaves', async t => {
    const demo = await temporaryDemo(t);
    const proxy = await connectProxy(t, { silent: true });
    const env = { HTTPS_PROXY: proxy.url, NO_PROXY: undefined, no_proxy: undefined };
    // Nothing on loopback goes through a proxy.
    const args = ['login', 'https://dkp.example.com/token/landing/'];
    const wizard = await openWizard(t, demo, { args, env });
    await wizard.waitFor(slow);
    assert.deepEqual([...new Set(proxy.targets)], ['dkp.example.com:443']);
    await wizard.waitFor('r try again');
    await wizard.press('ctrl+c');
    await endsWith(wizard, 130);
  });
});

describe('a network that is lost', { concurrency: 2 }, () => {
  test('is told at once, and Enter tries again with the same clusters', async t => {
    const demo = await temporaryDemo(t);
    const wizard = await openWizard(t, demo, { args: later(demo) });
    await wizard.at('clusters');
    await wizard.press('space', 'down', 'down', 'space');
    await wizard.waitFor('2 chosen');
    const back = demo.intercept(/^GET \/token\//, ({ request }) => {
      request.socket.destroy();
      return true;
    });
    await wizard.press('enter');
    const screen = (await wizard.waitFor('✗')).join('\n');
    assert.match(screen, /2 chosen/);
    back();
    await wizard.press('enter');
    await wizard.at('method');
    await wizard.press('ctrl+c');
    await endsWith(wizard, 130);
  });

  test('while somebody signs in elsewhere is told there, and forgotten when it is back', async t => {
    const demo = await temporaryDemo(t);
    const wizard = await openWizard(t, demo, { args: flags(demo, '--idp', 'corporate') });
    await wizard.at('login');
    const back = demo.intercept(/^GET \/token\/async\/query/, ({ request }) => {
      request.socket.destroy();
      return true;
    });
    await wizard.waitFor(/Could not reach|does not answer|closed the connection|reset/);
    back();
    await wizard.waitFor(
      lines => !/Could not reach|does not answer|closed the connection|reset/.test(lines.join('\n')),
    );
    await wizard.signIn('ada');
    await wizard.at('clusters');
    await wizard.press('ctrl+c');
    await endsWith(wizard, 130);
  });
});
