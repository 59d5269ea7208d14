import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { after, before, describe, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { assertDone, assertIs, kubeconfigOf } from '../desk.ts';
import { readAudit } from '../document.ts';
import { kubectl, labDoes, serverNamed, userNamed } from '../harness.ts';
import { type IssuerDesk, issuerDeskAt } from '../issuer-desk.ts';
import { setScene } from '../scene.ts';
import { allTell, eventsIn, startWatching } from '../watching.ts';

const scene = setScene();
const toFile = ['--credential-store', 'file'];
const server = 'isolated-a';
const expiries = 3;
const watches = [0, 1, 2, 3];
/** Longer than the 30 s before its end in which our program gives a token to nobody any more. */
const lifetimeSeconds = 40;

const credentialOf = (desk: IssuerDesk) => desk.path('state', 'credentials', `${server}.json`);
const tokenOf = async (desk: IssuerDesk) =>
  (JSON.parse(await readFile(credentialOf(desk), 'utf8')) as { token: string }).token;

/** Every token that a profile has while something goes on. */
async function tokensDuring(desk: IssuerDesk, what: Promise<unknown>): Promise<string[]> {
  const seen = new Set([await tokenOf(desk)]);
  let goesOn = true;
  void what.finally(() => {
    goesOn = false;
  });
  while (goesOn) {
    await pause(20);
    seen.add(await tokenOf(desk));
  }
  return [...seen];
}

describe('across the end of a token that renews itself', () => {
  before(() => labDoes('restart', 'dex', '--token-lifetime', `${lifetimeSeconds}s`));
  after(() => labDoes('restart', 'dex'));

  test('watches go through three ends with no request that fails, and nobody is asked', async t => {
    const desk = await issuerDeskAt(t, scene.lab, 'dex');
    const john = userNamed('john');
    assertDone(await desk.signInByPassword(john, toFile));
    const since = new Date().toISOString();
    const kubeconfig = desk.path('kube', `${server}.yaml`);
    const client = startWatching(t, scene.lab, desk, { kubeconfig, count: watches.length, stdin: 'nothing' });
    await allTell(client, watches, { kind: 'synced', text: '' });
    const tokens = new Set([await tokenOf(desk)]);
    const deadline = performance.now() + expiries * (lifetimeSeconds + 30) * 1000;
    while (tokens.size <= expiries && performance.now() < deadline) {
      await pause(500);
      tokens.add(await tokenOf(desk));
    }
    assert.equal(tokens.size, expiries + 1);
    const admin = `--kubeconfig=${serverNamed(scene.lab, server).adminKubeconfig}`;
    const name = `watched-${randomBytes(6).toString('hex')}`;
    const made = await kubectl(scene.lab, [admin, 'create', 'configmap', name, '--namespace=team']);
    assert.equal(made.code, 0, made.stderr);
    await allTell(client, watches, { kind: 'added', text: name });

    const errors = eventsIn(client.rawOutput()).filter(({ kind }) => kind === 'error');
    assert.deepEqual(errors, []);
    const requests = (await readAudit(serverNamed(scene.lab, server))).filter(
      ({ userAgent, requestReceivedTimestamp }) =>
        userAgent === 'lab-client' && requestReceivedTimestamp >= since,
    );
    assert.deepEqual([...new Set(requests.map(({ responseStatus }) => responseStatus?.code))], [200]);
    assert.ok(requests.length > watches.length * expiries, `${requests.length} requests`);
    assert.equal((await desk.sessions()).length, 1);
    await client.kill('SIGTERM');
    assert.deepEqual(await client.exit, { code: 0 });
    await kubectl(scene.lab, [admin, 'delete', 'configmap', name, '--namespace=team']);
  });
});

describe('fifty kubectl at once', () => {
  for (const [what, secondsLeft] of [
    ['across the end of a token', 32],
    ['with a token that is over', -5],
  ] as const) {
    test(`${what} are all answered, with one renewal`, async t => {
      const desk = await issuerDeskAt(t, scene.lab, 'dex');
      const john = userNamed('john');
      assertDone(await desk.signInByPassword(john, toFile));
      const stored = JSON.parse(await readFile(credentialOf(desk), 'utf8')) as object;
      const expiresAt = Math.floor(Date.now() / 1000) + secondsLeft;
      // Long before its time to be renewed ahead: the end comes while they run.
      const life = { expiresAt, issuedAt: expiresAt - 60 };
      await writeFile(credentialOf(desk), JSON.stringify({ ...stored, ...life }), { mode: 0o600 });
      const calls = Promise.all(
        Array.from({ length: 50 }, async (_, number) => {
          await pause(number * 80);
          return desk.whoami([kubeconfigOf(desk, server)]);
        }),
      );
      const tokens = await tokensDuring(desk, calls);
      for (const identity of await calls) assertIs(identity, john);
      assert.equal(tokens.length, 2);
      assert.equal((await desk.sessions()).length, 1);
    });
  }
});
