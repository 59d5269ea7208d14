import assert from 'node:assert/strict';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { stringify } from 'yaml';
import { type Demo, startDemo } from '../../source/demo/index.ts';
import { type Home, temporaryHome } from '../helpers/home.ts';
import { toOneCluster } from '../helpers/portal-file.ts';
import { type Ended, personSignsIn, runProgram, startProgram } from '../helpers/program.ts';

let demo: Demo;
before(async () => {
  demo = await startDemo({ tokenLifetimeSeconds: 3600 });
});
after(() => demo.close());

test('logins for one cluster after the other share a session that serves both, and their commands can be repeated', async t => {
  const home = await temporaryHome(t);
  const { issuer, ca, clients } = demo.document;
  const names = ['kubernetes-cluster', 'red-prod'];
  const clusters = names.map(name => {
    const { server, ca: serverCa, audience } = demo.cluster(name);
    return { name, server, ca: serverCa, audience: { dexClient: audience } };
  });
  const file = home.path('portal.yaml');
  const client = { id: clients.public };
  const portalFile = { apiVersion: 'dkp-auth/v1', kind: 'PortalFile', issuer, ca, client, clusters };
  await writeFile(file, stringify(portalFile));

  for (const name of names) {
    const which = toOneCluster('portal.yaml', name);
    const how = ['--sign-in', 'browser', '--credential-store', 'file', '--idp', 'corporate'];
    const program = startProgram(['login', ...which, ...how], { env: home.env, cwd: home.folder });
    await personSignsIn(program, demo, demo.user('ada'));
    const ended = await program.ended;
    assert.equal(ended.code, 0, ended.stderr);
  }
  const sessions = path.join(home.paths.state, 'sessions');
  assert.equal((await readdir(sessions)).filter(each => each.endsWith('.json')).length, 1);

  const token = (name: string) => tokenOnceOver(home, name, name);
  for (const name of names) {
    const ended = await token(name);
    assert.equal(ended.code, 0, `${name}: ${ended.stderr}`);
  }

  for (const each of await readdir(sessions)) await writeFile(path.join(sessions, each), '');
  const needed = await token('red-prod');
  assert.equal(needed.code, 3, needed.stderr);
  const [, command = ''] = /Run: dkp-auth (login .*)$/m.exec(needed.stderr) ?? [];
  assert.equal(command, 'login --profile red-prod');
  // There is no browser on this machine, where a device code would be the way.
  const again = startProgram([...command.split(' '), '--sign-in', 'browser'], { env: home.env });
  await personSignsIn(again, demo, demo.user('ada'));
  const ended = await again.ended;
  assert.equal(ended.code, 0, ended.stderr);
  assert.equal((await token('red-prod')).code, 0);
});

test('two logins of one person at once leave one session that serves both profiles', async t => {
  const home = await temporaryHome(t);
  const { issuer, ca, clients } = demo.document;
  const { name, server, ca: serverCa, audience } = demo.cluster('red-prod');
  const clusters = [{ name, server, ca: serverCa, audience: { dexClient: audience } }];
  const portalFile = { apiVersion: 'dkp-auth/v1', kind: 'PortalFile', issuer, ca, clusters };
  const file = home.path('portal.yaml');
  await writeFile(file, stringify({ ...portalFile, client: { id: clients.public } }));
  const profiles = ['one', 'two'];
  const programs = profiles.map(profile => {
    const which = toOneCluster(file, name, profile);
    const how = ['--sign-in', 'browser', '--credential-store', 'file', '--idp', 'corporate', '--no-browser'];
    return startProgram(['login', ...which, ...how], { env: home.env });
  });
  const addresses = await Promise.all(programs.map(program => program.address()));
  await Promise.all(addresses.map(address => demo.signIn(address, demo.user('ada'))));
  for (const { code, stderr } of await Promise.all(programs.map(({ ended }) => ended))) {
    assert.equal(code, 0, stderr);
  }
  for (const profile of profiles) {
    const ended = await tokenOnceOver(home, profile, name);
    assert.equal(ended.code, 0, ended.stderr);
  }
});

/** What kubectl is given for a profile whose token is over. */
async function tokenOnceOver(home: Home, profile: string, cluster: string): Promise<Ended> {
  const credential = path.join(home.paths.state, 'credentials', `${profile}.json`);
  const stored = JSON.parse(await readFile(credential, 'utf8')) as object;
  await writeFile(credential, JSON.stringify({ ...stored, expiresAt: 1 }));
  const { server, ca } = demo.cluster(cluster);
  const told = { server, 'certificate-authority-data': Buffer.from(ca).toString('base64') };
  const apiVersion = 'client.authentication.k8s.io/v1';
  const info = { apiVersion, kind: 'ExecCredential', spec: { interactive: false, cluster: told } };
  const env = { ...home.env, KUBERNETES_EXEC_INFO: JSON.stringify(info) };
  return runProgram(['token', '--profile', profile], { env });
}
