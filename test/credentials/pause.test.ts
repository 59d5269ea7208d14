import assert from 'node:assert/strict';
import { test } from 'node:test';
import { allowedNow, withoutAbandonedLogin } from '../../source/credentials/allowed.ts';
import type { FlightRecord } from '../../source/credentials/flight-record.ts';
import { type Pause, type PauseKind, pauseAfter, pausedUntil } from '../../source/credentials/pause.ts';
import { UserError } from '../../source/errors.ts';
import { loginNeeded } from '../../source/profiles/login-needed.ts';
import { parseProfileName } from '../../source/profiles/profile-name.ts';
import { userError } from '../helpers/user-error.ts';

const prod = parseProfileName('prod');
const now = Date.parse('2026-03-01T12:00:00Z');
const offline = new UserError('NETWORK', 'Could not reach dkp.example.com: no answer in time.', {
  hint: 'Check it.',
});
const both = { renew: true, signIn: true };
const alone = { renew: true, signIn: false };

/** How long the pauses after failure upon failure are, in seconds, each failure coming when the pause is over. */
function lengths(kind: PauseKind, error: UserError, count: number): number[] {
  let time = now;
  let pause: Pause | undefined;
  return Array.from({ length: count }, () => {
    pause = pauseAfter(pause, error, time);
    const until = pausedUntil(pause, kind, time) ?? time;
    const seconds = (until - time) / 1000;
    assert.equal(pausedUntil(pause, kind, until), undefined);
    assert.notEqual(pausedUntil(pause, kind, until - 1), undefined);
    time = until;
    return seconds;
  });
}

test('each login that comes to nothing doubles the pause, from half a minute to half an hour', () => {
  assert.deepEqual(lengths('login', loginNeeded(prod), 9), [30, 60, 120, 240, 480, 960, 1800, 1800, 1800]);
});

test('trouble with the network pauses for seconds', () => {
  assert.deepEqual(lengths('trouble', offline, 6), [5, 10, 20, 40, 60, 60]);
});

test('failures of this morning do not count in the evening', () => {
  const morning = { ...pauseAfter(undefined, offline, now), failures: 7 };
  assert.equal(pauseAfter(morning, offline, now + 3 * 3600_000).failures, 1);
  assert.equal(pauseAfter(morning, offline, now + 600_000).failures, 8);
});

test('a pause that was written by a clock that ran ahead ends in time all the same', () => {
  for (const ahead of [1, 29, 31, 3600, 400 * 86_400]) {
    const pause = pauseAfter(undefined, loginNeeded(prod), now + ahead * 1000);
    const until = pausedUntil(pause, 'login', now);
    assert.ok(until === undefined || until - now <= 30_000, `${ahead} s ahead: ${until}`);
    assert.equal(pausedUntil(pause, 'login', now + ahead * 1000 + 30_000), undefined);
  }
});

test('during a pause after trouble nobody tries, and everybody is told why and until when', () => {
  const record: FlightRecord = { version: 1, renewal: pauseAfter(undefined, offline, now) };
  for (const could of [both, alone]) {
    assert.throws(
      () => allowedNow(record, could, prod, now + 1000),
      (error: unknown) =>
        userError('NETWORK', /no answer in time/)(error) &&
        /^Not tried again before \d\d:\d\d:05\. Check it\.$/.test((error as UserError).hint ?? ''),
    );
    assert.deepEqual(allowedNow(record, could, prod, now + 5000), could);
  }
});

test('a session that has ended is not tried again, but the person may sign in', () => {
  const record: FlightRecord = { version: 1, renewal: pauseAfter(undefined, loginNeeded(prod), now) };
  assert.deepEqual(allowedNow(record, both, prod, now), { renew: false, signIn: true });
  assert.throws(() => allowedNow(record, alone, prod, now), userError('LOGIN_NEEDED', /needs a login/));
});

test('during a pause after a login kubectl begins none, and says which command does', () => {
  const timeout = new UserError('LOGIN_TIMEOUT', 'Nobody signed in in time.');
  const record: FlightRecord = { version: 1, login: pauseAfter(undefined, timeout, now) };
  assert.deepEqual(allowedNow(record, both, prod, now), { renew: true, signIn: false });
  assert.throws(
    () => allowedNow(record, { renew: false, signIn: true }, prod, now),
    (error: unknown) =>
      userError(
        'LOGIN_NEEDED',
        /came to nothing \(Nobody signed in in time\).* before \d\d:\d\d:30/,
      )(error) && (error as UserError).hint === 'Run: dkp-auth login --profile prod',
  );
});

test('a login whose process was killed counts as one that came to nothing', () => {
  const record = withoutAbandonedLogin({ version: 1, asking: { since: now } }, prod);
  assert.equal(record.asking, undefined);
  assert.equal(pausedUntil(record.login, 'login', now + 1000), now + 30_000);
});
