import assert from 'node:assert/strict';
import { it } from 'node:test';
import { startDemo } from '../../source/demo/index.ts';
import { UserError } from '../../source/errors.ts';
import { listClusters } from '../../source/portal/clusters.ts';
import { listIdentityProviders } from '../../source/portal/identity-providers.ts';
import { parseLoginLink } from '../../source/portal/login-link.ts';
import { type PortalConnection, queryAsync, startAsync } from '../../source/portal/token-service.ts';
import { fetchIssuerKeys } from '../../source/sign-in/issuer.ts';
import { findClusterPage } from '../../source/sign-in/page.ts';
import { createHttpClient } from '../../source/system/http.ts';
import { type Random, randomFrom } from '../fuzz/random.ts';
import { assertPlain } from '../helpers/plain-output.ts';
import { seed } from '../helpers/seeded.ts';
import { type AnswerTrouble, answerTroubles } from './answer-troubles.ts';
import { startChaosProxy, type Trouble } from './chaos-proxy.ts';

const faults = Number(process.env['DKP_AUTH_NETWORK_FAULTS'] ?? 100);
const limits = { connectMs: 1500, silenceMs: 1500, totalMs: 3000 };

function troubleBy(random: Random): Trouble {
  const after = random.below(random.pick([1, 100, 2000, 8000]));
  return random.pick<Trouble>([
    { kind: 'refuse' },
    { kind: 'cut', after },
    { kind: 'silence', after },
    { kind: 'nonsense', after },
    { kind: 'twice' },
    { kind: 'swapped' },
    { kind: 'drip', bytes: 1 + random.below(400), pauseMs: random.below(30) },
  ]);
}

/** All that a login asks a portal and its issuer. */
async function allOf(portal: PortalConnection, issuer: string): Promise<string[]> {
  const { clusters } = await listClusters(portal);
  const started = await startAsync(portal, 'a-request-code');
  const providers = await listIdentityProviders(portal.http, moved(started.authURL, portal));
  const asked = await queryAsync(portal, { hmac: started.hmac, requestCode: 'a-request-code' });
  await findClusterPage(portal, { name: 'red-prod' });
  await fetchIssuerKeys(portal.http, issuer);
  return [...clusters.map(({ server }) => server), ...providers.map(({ id }) => id), asked.kind];
}

/** The same address by way of the network in trouble. */
function moved(address: string, { link }: PortalConnection): URL {
  const url = new URL(address);
  url.port = new URL(link.origin).port;
  return url;
}

it(`whatever a network does to a connection ends in an answer or a reason (${faults} faults, seed ${seed})`, async test => {
  const demo = await startDemo();
  test.after(() => demo.close());
  const proxy = await startChaosProxy(demo.document.port);
  test.after(() => proxy.close());
  const random = randomFrom(seed);
  const open = (): PortalConnection => ({
    link: parseLoginLink(`https://127.0.0.1:${proxy.port}/token/landing/`),
    http: createHttpClient({ authorities: [demo.document.ca], limits }),
  });
  const ask = async () => {
    const portal = open();
    try {
      return await allOf(portal, demo.document.issuer);
    } finally {
      await portal.http.close();
    }
  };
  const good = await ask();
  assert.ok(good.length > 5);
  const ends = { answer: 0, reason: 0 };
  let done = 0;
  const answers = answerTroubles(demo);
  // The trouble strikes one connection of a login, or one answer on it, any one.
  const trial = async (number: number) => {
    const isAbove = random.below(3) === 0;
    let before = random.below(4);
    const trouble = isAbove
      ? { kind: random.pick<AnswerTrouble>(['doubled', 'reordered', 'late']), nth: 1 + random.below(7) }
      : troubleBy(random);
    proxy.trouble = () => (!('nth' in trouble) && before-- === 0 ? trouble : { kind: 'none' });
    if ('nth' in trouble) answers.strike(trouble.nth, trouble.kind);
    else answers.calm();
    try {
      assert.deepEqual(await ask(), good, `trial ${number}: ${JSON.stringify(trouble)} changed an answer`);
      ends.answer += 1;
    } catch (error) {
      const told = `trial ${number}: ${JSON.stringify(trouble)}: ${String(error)}`;
      assert.ok(error instanceof UserError, told);
      assert.ok(['NETWORK', 'TLS', 'PORTAL_ANSWER', 'ISSUER_METADATA'].includes(error.code), told);
      assertPlain(error.message);
      ends.reason += 1;
    }
    done += 1;
  };
  for (let number = 0; number < faults; number += 1) await trial(number);
  proxy.trouble = () => ({ kind: 'none' });
  answers.calm();
  assert.deepEqual(await ask(), good, 'after all that, it is as before');
  test.diagnostic(JSON.stringify(ends));
  assert.ok(done === faults && ends.reason > 0);
});
