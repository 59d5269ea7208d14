import assert from 'node:assert/strict';
import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { pathsOf } from '../../source/system/paths.ts';
import { forgetInterrupted, keepInterrupted, readInterrupted } from '../../source/wizard/interrupted.ts';
import type { Interrupted } from '../../source/wizard/state.ts';
import { type Step, steps } from '../../source/wizard/steps/order.ts';
import { interruptedAt } from '../../source/wizard/steps/resume.ts';
import { temporaryHome } from '../helpers/home.ts';
import { sampleToken, startWalk, unknownAuthority, type Walk, walkTo } from '../helpers/wizard.ts';

const now = 1_700_000_000_000;

/** Everything answered otherwise than proposed, up to a step. */
function leave(step: Step): Walk {
  const walk = walkTo(startWalk(), 'provider');
  const go = (until: Step) => steps.indexOf(step) > steps.indexOf(until);
  if (go('provider')) walk.press('down', 'enter');
  if (go('clusters')) walk.press('down', 'space', 'down', 'space', 'enter');
  if (go('method')) walk.press('down', 'enter');
  if (go('time')) walk.press('down', 'enter');
  if (go('names')) {
    walk.press('ctrl+u');
    walk.type('mine');
    walk.press('enter', 'enter');
  }
  assert.equal(walk.state.step, step);
  return walk;
}

const left = (step: Step): Interrupted =>
  interruptedAt(leave(step).state, now) ?? assert.fail('nothing is kept');

for (const step of ['provider', 'clusters', 'method', 'time', 'names', 'review'] as const) {
  test(`a wizard that was left at ${step} goes on there, with every answer as it was`, () => {
    const interrupted = left(step);
    const walk = startWalk({ interrupted });
    walk.press('enter');
    const before = leave(step).state;
    const { state } = walk;
    assert.equal(state.step, step);
    assert.equal(state.resuming, undefined);
    assert.equal(state.provider?.id, before.provider?.id);
    assert.deepEqual(
      state.chosen.map(({ server }) => server),
      before.chosen.map(({ server }) => server),
    );
    assert.equal(state.method, before.method);
    assert.equal(state.signInTime, before.signInTime);
    assert.deepEqual(
      state.nameRows.map(({ field }) => field.value),
      before.nameRows.map(({ field }) => field.value),
    );
    assert.deepEqual(
      state.history.filter(each => each !== 'link' && each !== 'trust'),
      before.history.filter(each => each !== 'link' && each !== 'trust'),
      'and one can go back',
    );
  });
}

test('whom to trust is asked anew, and the way goes on afterwards', () => {
  const walk = startWalk({ interrupted: left('names'), world: { trust: unknownAuthority } });
  walk.press('enter');
  assert.equal(walk.state.step, 'trust');
  walk.press('down', 'enter');
  assert.equal(walk.state.step, 'names');
});

test('a person who waits to sign in goes on when that is done', () => {
  const walk = startWalk({ interrupted: left('review'), silent: ['signIn'] });
  walk.press('enter');
  assert.equal(walk.state.step, 'login');
  walk.answer({ type: 'signedIn', token: sampleToken('ada') });
  assert.equal(walk.state.step, 'review');
});

test('what is no longer there ends it at its question', () => {
  const interrupted = { ...left('review'), clusters: ['https://gone.example.com'] };
  const walk = startWalk({ interrupted });
  walk.press('enter');
  assert.equal(walk.state.step, 'clusters');
  assert.equal(walk.state.resuming, undefined);
});

test('another link is another way, and the offer stays', () => {
  const walk = startWalk({ interrupted: left('names') });
  walk.press('down', 'enter');
  walk.type('other.example.com');
  walk.press('enter');
  assert.equal(walk.state.step, 'provider');
});

test('nothing secret is kept, for a day, in a file of the person alone', async t => {
  const home = await temporaryHome(t);
  const paths = pathsOf(home.env);
  const { state } = leave('review');
  await keepInterrupted(paths, state, now);
  const file = path.join(paths.state, 'wizard.json');
  const text = await readFile(file, 'utf8');
  assert.doesNotMatch(text, /token-of|ada@corp|subject/);
  assert.equal((await stat(file)).mode & 0o777, 0o600);
  assert.equal((await readInterrupted(paths, now + 1000))?.step, 'review');
  assert.equal(await readInterrupted(paths, now + 25 * 3600 * 1000), undefined);
  assert.equal(await readInterrupted(paths, now - 1000), undefined, 'a clock that went back');
  await forgetInterrupted(paths);
  assert.equal(await readInterrupted(paths, now), undefined);
});

for (const [what, content] of [
  ['half a file', '{"version": 1, "loginLi'],
  ['another version', '{"version": 2}'],
  ['a link that is none', `{"version":1,"loginLink":"file:///etc/passwd","step":"names","leftAt":${now}}`],
  ['a step that is none', `{"version":1,"loginLink":"https://dkp.example.com/","step":"x","leftAt":${now}}`],
] as const) {
  test(`${what} is nothing to go on with`, async t => {
    const home = await temporaryHome(t);
    const paths = pathsOf(home.env);
    await mkdir(paths.state, { recursive: true, mode: 0o700 });
    await writeFile(path.join(paths.state, 'wizard.json'), content, { mode: 0o600 });
    assert.equal(await readInterrupted(paths, now), undefined);
  });
}
