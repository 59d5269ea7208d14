import assert from 'node:assert/strict';
import { it } from 'node:test';
import { isDue, isUsable, marginSeconds, renewalTime } from '../../source/credentials/lifetime.ts';
import { fc } from '../helpers/seeded.ts';

const issuedAt = 1_800_000_000;
const lives: [what: string, seconds: number, lastPart: number][] = [
  ['a day: two hours before its end', 86_400, 7200],
  ['ten hours: a fifth of its life', 36_000, 7200],
  ['an hour', 3600, 720],
  ['ten minutes', 600, 120],
  ['five minutes: a minute', 300, 60],
  ['two minutes: the last minute', 120, 60],
  ['a minute: half of it', 60, 30],
  ['less than the margin', 20, 30],
  ['an end before its beginning', -100, 30],
];
for (const [what, life, lastPart] of lives) {
  it(`a renewable token is due in the last part of ${what}`, () => {
    const expiresAt = issuedAt + life;
    assert.equal(renewalTime({ issuedAt, expiresAt }, true), expiresAt - lastPart);
  });
}

it('a token that only a login renews is due when it is not handed out any more', () => {
  const token = { issuedAt, expiresAt: issuedAt + 86_400, renewable: false };
  const last = token.expiresAt - marginSeconds;
  assert.deepEqual([isDue(token, last - 1), isUsable(token, last - 1)], [false, true]);
  assert.deepEqual([isDue(token, last), isUsable(token, last)], [true, false]);
});

it('no token is over before it is due, and none that lasts is due at once', () => {
  const times = fc.record({
    issuedAt: fc.integer({ min: 0, max: 2_000_000_000 }),
    life: fc.integer({ min: -1000, max: 100_000_000 }),
    renewable: fc.boolean(),
  });
  fc.assert(
    fc.property(times, ({ issuedAt: from, life, renewable }) => {
      const token = { issuedAt: from, expiresAt: from + life, renewable };
      const due = renewalTime(token, renewable);
      assert.ok(Number.isSafeInteger(due));
      assert.ok(isUsable(token, due - 1));
      assert.ok(isDue(token, due) && !isDue(token, due - 1));
      if (life > 2 * marginSeconds) assert.ok(!isDue(token, from));
    }),
  );
});
