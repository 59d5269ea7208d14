import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { after, before, describe, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { runProgram, startProgram } from '../../helpers/program.ts';
import { assertDone, type Desk, deskAt, kubeconfigOf, type Test } from '../desk.ts';
import { claimsOf } from '../dex-login.ts';
import { readAudit } from '../document.ts';
import { kubectl, labDoes, portalNamed, serverNamed, userNamed } from '../harness.ts';
import { setScene } from '../scene.ts';
import { allTell, eventsIn, startWatching } from '../watching.ts';
import { addressShown } from '../wizard.ts';

const scene = setScene();
const watches = [0, 1, 2, 3];
/** Longer than the 30 s before its end in which our program gives a token to nobody any more. */
const lifetimeSeconds = 45;
const untilTheEnd = { timeout: (lifetimeSeconds + 30) * 1000 };

const admin = () => `--kubeconfig=${serverNamed(scene.lab, 'stock-a').adminKubeconfig}`;

async function createConfigMap(): Promise<string> {
  const name = `watched-${randomBytes(6).toString('hex')}`;
  const result = await kubectl(scene.lab, [admin(), 'create', 'configmap', name, '--namespace=team']);
  assert.equal(result.code, 0, result.stderr);
  return name;
}

/** What came of the requests of a person's program since then; whoever comes with a bad token has no name there. */
async function answersTo(username: string, since: string): Promise<(number | undefined)[]> {
  const events = await readAudit(serverNamed(scene.lab, 'stock-a'));
  const its = events.filter(
    ({ userAgent, user, requestReceivedTimestamp }) =>
      userAgent === 'lab-client' &&
      requestReceivedTimestamp >= since &&
      (user?.username === username || !user?.username),
  );
  return [...new Set(its.map(event => event.responseStatus?.code))];
}

const startClient = (t: Test, desk: Desk, stdin: 'terminal' | 'nothing') =>
  startWatching(t, scene.lab, desk, {
    kubeconfig: desk.path('kube', 'mine.yaml'),
    count: watches.length,
    stdin,
  });

const oneCluster = ['--cluster', 'stock-a', '--profile', 'mine'];

describe('across the end of a token', { concurrency: 3 }, () => {
  before(() => labDoes('restart', 'dex', '--token-lifetime', `${lifetimeSeconds}s`));
  after(async () => {
    await labDoes('restart', 'dex');
    await kubectl(scene.lab, [admin(), 'delete', 'configmaps', '--all', '--namespace=team']);
  });

  test('parallel watches with nobody to ask are told which command to run, and go on when somebody has run it', async t => {
    const desk = await deskAt(t, scene.lab);
    const john = userNamed('john');
    const flags = [...oneCluster, '--method', '2', '--idp', 'ldap'];
    const signsIn = { person: scene.person, user: john };
    assertDone(await desk.login(portalNamed(scene.lab, 'portal-stock'), flags, signsIn));
    const since = new Date().toISOString();
    const client = startClient(t, desk, 'nothing');
    await allTell(client, watches, { kind: 'synced', text: '' });
    const first = await createConfigMap();
    await allTell(client, watches, { kind: 'added', text: first });

    await allTell(client, watches, { kind: 'error', text: /failed with exit code 3/ }, untilTheEnd);
    const [, command = ''] = /Run: dkp-auth (login \S.*?)\r?$/m.exec(client.rawOutput()) ?? [];
    const meanwhile = await createConfigMap();
    const again = startProgram(command.split(' '), { env: desk.env });
    await scene.person.signIn(await again.address(), john);
    assertDone(await again.ended);
    await allTell(client, watches, { kind: 'added', text: meanwhile });

    assert.deepEqual(await answersTo(john.email, since), [200]);
    await client.kill('SIGTERM');
    assert.deepEqual(await client.exit, { code: 0 });
  });

  test('parallel watches at a terminal ask once, wait together, and go on with one new token', async t => {
    const desk = await deskAt(t, scene.lab);
    const kilgore = userNamed('');
    const { loginLink, caFile } = portalNamed(scene.lab, 'portal-stock');
    const flags = [...oneCluster, '--method', '2', '--idp', 'mock', '--sign-in-later', '--ca-file', caFile];
    assertDone(await runProgram(['login', loginLink, ...flags], { env: desk.env }));
    const since = new Date().toISOString();
    const client = startClient(t, desk, 'terminal');
    const first = await addressShown(client);
    await scene.person.signIn(first, kilgore);
    await allTell(client, watches, { kind: 'synced', text: '' });
    const before = await createConfigMap();
    await allTell(client, watches, { kind: 'added', text: before });

    const second = await addressShown(client, [first], untilTheEnd);
    await scene.person.signIn(second, kilgore);
    const afterwards = await createConfigMap();
    await allTell(client, watches, { kind: 'added', text: afterwards });

    assert.equal(new Set(client.rawOutput().match(/https:\/\/\S+\/auth\?\S+/g)).size, 2);
    assert.deepEqual(
      eventsIn(client.rawOutput()).filter(event => event.kind === 'error'),
      [],
    );
    assert.deepEqual(await answersTo(kilgore.email, since), [200]);
  });

  test('a token that was written out works until its end, and is refused by the API server from then on', async t => {
    const desk = await deskAt(t, scene.lab);
    const ada = userNamed('ada@lab.example');
    const flags = [...oneCluster, '--method', 'token', '--idp', 'local'];
    const signsIn = { person: scene.person, user: ada };
    assertDone(await desk.login(portalNamed(scene.lab, 'portal-stock'), flags, signsIn));
    const whoami = () => desk.kubectl([kubeconfigOf(desk, 'mine'), 'auth', 'whoami']);
    assert.equal((await whoami()).code, 0);
    const deadline = performance.now() + untilTheEnd.timeout;
    let answer = await whoami();
    while (answer.code === 0 && performance.now() < deadline) {
      await pause(1000);
      answer = await whoami();
    }
    const text = await readFile(desk.path('kube', 'mine.yaml'), 'utf8');
    const { exp } = claimsOf(/token: (\S+)/.exec(text)?.[1] ?? '');
    assert.ok(Date.now() / 1000 >= Number(exp), 'it was refused before its end');
    assert.equal(answer.code, 1);
    assert.match(answer.stderr, /Unauthorized|must be logged in/);
  });
});
