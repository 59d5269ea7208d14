import assert from 'node:assert/strict';
import fs from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { dueMarkFile } from '../../source/credentials/due-mark.ts';
import { randomFrom } from '../fuzz/random.ts';
import { backgroundRenewals } from '../helpers/background.ts';
import { clientGoSays } from '../helpers/client-go.ts';
import { temporaryFolder } from '../helpers/home.ts';
import { startPlugin } from '../helpers/plugin.ts';
import type { Ended } from '../helpers/program.ts';
import { type Renewable, renewableProfile } from '../helpers/renewable.ts';
import { falseClock } from '../hostile/false-clock.ts';

type Test = { after(run: () => Promise<void>): void };

export type Life = {
  calls: number;
  /** Tokens that the issuer gave. */
  renewals: number;
  /** Calls while the issuer could not be reached, that a good token was there for, and that there was none for. */
  servedOffline: number;
  refusedOffline: number;
  sleeps: number;
  losses: number;
};

const minute = 60;
const hour = 3600;
const lifetime = hour;

/**
 * Days of a profile whose tokens live for an hour, with kubectl calling every few minutes, by a clock that is set forward between
 * two calls: nights and lunches in which the machine sleeps, a network that is gone for a while, answers that are lost.
 * Every call is the installed plugin; asserts that each got a token that is good as long as the network was there, and none asked
 * for a login.
 */
export async function liveFor(test: Test, hours: number, seed: number): Promise<Life> {
  const random = randomFrom(seed);
  const renewable = await renewableProfile(test, { reuseMs: 3_600_000 });
  const { rotating, home, profile } = renewable;
  const clock = await falseClock(await temporaryFolder(test));
  const info = clientGoSays(profile);
  const env = { ...home.env, ...clock.env, KUBERNETES_EXEC_INFO: info };
  const network = networkOf(renewable);
  const life: Life = { calls: 0, renewals: 0, servedOffline: 0, refusedOffline: 0, sleeps: 0, losses: 0 };
  await renewable.keep(lifetime);
  // Its mark goes by the kernel's clock, which the script would look at, and which nobody sets here.
  await fs.rm(dueMarkFile(home.paths, profile.name));
  let ahead = 0;
  let backAt = 0;
  while (ahead < hours * hour) {
    const chance = random.below(40);
    if (chance === 0) life.sleeps += 1;
    ahead += chance === 0 ? hour + random.below(8 * hour) : 5 * minute + random.below(10 * minute);
    if (network.isDown && ahead >= backAt) network.up();
    if (!network.isDown && random.below(25) === 0) {
      life.losses += 1;
      backAt = ahead + random.below(2 * hour);
      network.down();
    }
    if (random.below(20) === 0) rotating.disturb('cut', 1);
    await clock.set(ahead);
    const now = Math.floor(Date.now() / 1000) + ahead;
    rotating.seen.claims = { iat: now, exp: now + lifetime };
    const ended = await startPlugin('prod', env).ended;
    await quiet(renewable);
    life.calls += 1;
    assert.doesNotMatch(ended.stderr, /Open this address/, 'somebody was asked');
    const isServed = goodFor(ended, now);
    if (network.isDown) life[isServed ? 'servedOffline' : 'refusedOffline'] += 1;
    else
      assert.ok(
        isServed,
        `${(ahead / hour).toFixed(2)} hours on: ${ended.code} ${ended.stderr} (seed ${seed})`,
      );
    if (!isServed) assert.match(ended.stderr, /^dkp-auth: .+\. .+\n$/);
  }
  life.renewals = rotating.seen.refreshes;
  assert.deepEqual(
    rotating.issuer.requests.filter(({ path }) => /auth|device/.test(path)),
    [],
    'a login was begun',
  );
  return life;
}

function networkOf({ rotating: { issuer } }: Renewable) {
  const discovery = '/.well-known/openid-configuration';
  const renew = issuer.answers.get('/token');
  return {
    isDown: false,
    down() {
      this.isDown = true;
      for (const path of [discovery, '/keys', '/token']) issuer.answers.set(path, 'cut');
    },
    up() {
      this.isDown = false;
      for (const path of [discovery, '/keys']) issuer.answers.delete(path);
      if (renew !== undefined) issuer.answers.set('/token', renew);
    },
  };
}

/** Whether a call gave a token that is good at that second. */
function goodFor({ code, stdout }: Ended, now: number): boolean {
  if (code !== 0) return false;
  const { status } = JSON.parse(stdout) as { status: { token: string } };
  const claims = JSON.parse(Buffer.from(status.token.split('.')[1] ?? '', 'base64url').toString()) as {
    exp: number;
  };
  assert.ok(claims.exp > now, `a token was given that is over since ${now - claims.exp} seconds`);
  return true;
}

/** Until what was begun in the background has ended. */
async function quiet({ home }: Renewable): Promise<void> {
  for (let look = 0; look < 1500; look += 1) {
    if ((await backgroundRenewals(home)).size === 0) return;
    await sleep(20);
  }
  throw new Error('a renewal in the background does not end');
}
