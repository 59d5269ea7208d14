import assert from 'node:assert/strict';
import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { before, test } from 'node:test';
import type { DoctorDocument } from '../../../source/doctor/report.ts';
import type { ProfileStatus } from '../../../source/status/profile-status.ts';
import { type Ended, jsonOf } from '../../helpers/program.ts';
import { assertDone, assertIs, identityOf, kubeconfigOf } from '../desk.ts';
import type { LabDocument } from '../document.ts';
import { programNamed, theLab, userNamed } from '../harness.ts';
import { type IssuerDesk, isolated, issuerDeskAt } from '../issuer-desk.ts';

const jane = userNamed('jane');
const pods = ['get', 'pods', '--all-namespaces'];

let lab: LabDocument;
before(async () => {
  lab = await theLab();
});

/** The day after a login to two clusters whose API servers take no token but their own. */
async function dayAfter(t: { after(run: () => Promise<void>): void }): Promise<IssuerDesk> {
  const desk = await issuerDeskAt(t, lab, 'dex');
  assertDone(await desk.signInByPassword(jane));
  return desk;
}

const profilesIn = (ended: Ended) => jsonOf<{ profiles: ProfileStatus[] }>(ended).profiles;

test('status --check-server: each real API server takes its own token, and says when it is another one', async t => {
  const desk = await dayAfter(t);
  const asked = await desk.run(['status', '--check-server', '--json', '--exit-code']);
  assert.deepEqual(
    profilesIn(assertDone(asked)).map(({ name, isolation, renewal, serverReview: said }) => [
      ...[name, isolation, renewal],
      said?.answer === 'accepted' && { username: said.user, groups: said.groups.toSorted() },
    ]),
    isolated.map(name => [name, 'audience', 'by-itself', identityOf(jane)]),
  );

  // One cluster's token in the other's place: that server refuses it, and nothing else is sent there.
  const [a, b] = isolated.map(name => desk.path('state', 'credentials', `${name}.json`));
  const stored = async (file = '') => JSON.parse(await readFile(file, 'utf8')) as { token: string };
  const { token } = await stored(a);
  await writeFile(b ?? '', JSON.stringify({ ...(await stored(b)), token }), { mode: 0o600 });
  const again = await desk.run(['status', '--check-server', '--json', '--exit-code']);
  assert.equal(again.code, 3, again.stderr);
  assert.deepEqual(
    profilesIn(again).map(({ serverReview }) => serverReview?.answer),
    ['accepted', 'rejected'],
  );
});

test('doctor finds no fault with a real issuer, real API servers and real kubectl', async t => {
  const desk = await dayAfter(t);
  const bin = desk.path('bin');
  await mkdir(bin);
  await symlink(programNamed(lab, 'kubectl').path, path.join(bin, 'kubectl'));
  const ended = await desk.run(['doctor', '--json'], { env: { PATH: `${bin}:${process.env['PATH']}` } });
  const { groups, counts } = jsonOf<DoctorDocument>(ended);
  const checks = groups.flatMap(group => group.checks);
  const faults = checks.filter(({ verdict }) => verdict === 'fault');
  assert.deepEqual([faults, counts.faults, ended.code], [[], 0, 0]);
  for (const id of ['tls', 'clock', 'issuer', 'keys', 'client', 'device', 'api-server', 'kubectl']) {
    const verdicts = checks.filter(check => check.id === id).map(({ verdict }) => verdict);
    assert.ok(verdicts.length > 0 && !verdicts.includes('not-reached'), `${id}: ${verdicts}`);
  }
});

test('profiles rename: kubectl goes on under the new name, and so does the renewal', async t => {
  const desk = await dayAfter(t);
  assertDone(await desk.run(['profiles', 'rename', 'isolated-a', 'work']));
  // The file keeps its name.
  const kubeconfig = [kubeconfigOf(desk, 'isolated-a'), '--context=work'];
  assertIs(await desk.whoami(kubeconfig), jane);
  const file = desk.path('state', 'credentials', 'work.json');
  const stored = JSON.parse(await readFile(file, 'utf8')) as { token: string };
  await writeFile(file, JSON.stringify({ ...stored, expiresAt: 1 }), { mode: 0o600 });
  assertIs(await desk.whoami(kubeconfig), jane);
  assert.notEqual((JSON.parse(await readFile(file, 'utf8')) as { token: string }).token, stored.token);
  const former = await desk.plugin('isolated-a').ended;
  assert.equal(former.code, 2, former.stderr);
  assertIs(await desk.whoami([kubeconfigOf(desk, 'isolated-b')]), jane);
});

test('logout: the login goes with the last profile that uses it, and kubectl asks for another', async t => {
  const desk = await dayAfter(t);
  const sessionAfter = async (profile: string) => {
    const ended = await desk.run(['logout', profile, '--json']);
    const [outcome] = jsonOf<{ profiles: { hadToken: boolean; session: string }[] }>(
      assertDone(ended),
    ).profiles;
    return [outcome?.hadToken, outcome?.session];
  };
  const [a, b] = isolated;
  assert.deepEqual(await sessionAfter(a), [true, 'shared']);
  assertIs(await desk.whoami([kubeconfigOf(desk, b)]), jane);
  const left = await desk.plugin(a).ended;
  assert.equal(left.code, 3, left.stderr);
  // Dex has no address for it; a login ends there by itself.
  assert.deepEqual(await sessionAfter(b), [true, 'not-revoked']);
  assert.deepEqual(await desk.sessions(), []);
  for (const name of isolated) {
    const { code, stderr } = await desk.kubectl([kubeconfigOf(desk, name), ...pods]);
    assert.notEqual(code, 0);
    assert.match(stderr, new RegExp(`dkp-auth login --profile ${name}`));
  }
  const ended = await desk.run(['status', '--exit-code', '--json']);
  assert.equal(ended.code, 3);
  assert.deepEqual(
    profilesIn(ended).map(({ needsLogin, expiresAt }) => [needsLogin, expiresAt]),
    isolated.map(() => [true, null]),
  );
});
