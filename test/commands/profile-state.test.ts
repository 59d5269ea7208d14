import assert from 'node:assert/strict';
import fs from 'node:fs/promises';
import path from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { readFlightRecord } from '../../source/credentials/flight-record.ts';
import { readRejections } from '../../source/credentials/rejection.ts';
import { parseProfileName } from '../../source/profiles/profile-name.ts';
import { createProfile, readProfile, releaseProfile } from '../../source/profiles/registry.ts';
import { clientGoSays } from '../helpers/client-go.ts';
import { runProgram, startProgram } from '../helpers/program.ts';
import { type Renewable, renewableProfile } from '../helpers/renewable.ts';

const call = ['token', '--profile', 'prod'];
const nameOf = (name: string) => parseProfileName(name);

/** Files that bear a profile's name, below the folder of the state. */
async function filesOf({ home }: Renewable, name: string): Promise<string[]> {
  const files = (await home.files()).filter(file => file.startsWith('state/'));
  return files.filter(file =>
    path
      .basename(file)
      .replace(/^profile-/, '')
      .startsWith(`${name}.`),
  );
}

const envOf = ({ home, profile: { cluster } }: Renewable, server = cluster.server) => ({
  ...home.env,
  KUBERNETES_EXEC_INFO: clientGoSays({ cluster: { ...cluster, server } }),
});

/** A profile that was served, asked for again, spelled otherwise, and could not be renewed when its token was over. */
async function usedProfile(t: TestContext): Promise<Renewable> {
  const used = await renewableProfile(t);
  const { home, rotating } = used;
  await used.keep(3600);
  for (let turn = 0; turn < 3; turn++) {
    const env = envOf(used, `${used.profile.cluster.server}/`);
    const served = await runProgram(call, { env });
    assert.equal(served.code, 0, served.stderr);
  }
  await used.keep(-10);
  rotating.issuer.answers.set('/token', { raw: 'down', status: 503 });
  assert.equal((await runProgram(call, { env: envOf(used) })).code, 1);
  // As the plugin's script leaves it when it is killed on its way to Node.
  await fs.writeFile(path.join(home.paths.callers, 'prod.door'), '         1           1\n', { mode: 0o600 });
  await fs.writeFile(path.join(home.paths.state, 'flights', 'prod.started'), '', { mode: 0o600 });
  const folders = new Set((await filesOf(used, 'prod')).map(path.dirname));
  assert.deepEqual(
    [...folders].sort(),
    ['callers', 'credentials', 'flights', 'rejections'].map(name => `state/${name}`),
  );
  return used;
}

/** A profile whose name begins with the other's, with files that look like the other's. */
async function neighbour({ home, profile }: Renewable): Promise<string[]> {
  assert.ok(await createProfile(home.paths, { ...profile, name: nameOf('prod.lock') }));
  const files = [
    'callers/prod.lock.7',
    'callers/prod.lock.clusters',
    'flights/prod.lock.json',
    'credentials/prod.lock.json',
  ];
  for (const file of files)
    await fs.writeFile(path.join(home.paths.state, file), 'theirs\n', { mode: 0o600 });
  return files.map(file => `state/${file}`);
}

describe('what is kept of a profile beside its token', () => {
  test('goes along with a rename, and nothing stays under the old name', async t => {
    const used = await usedProfile(t);
    const { home } = used;
    const theirs = await neighbour(used);
    const record = await readFlightRecord(home.paths, nameOf('prod'));
    const rejections = await readRejections(home.paths, nameOf('prod'));
    assert.ok(record.renewal && rejections.callers.length > 0);
    const spellings = await fs.readFile(path.join(home.paths.callers, 'prod.clusters'), 'utf8');

    const ended = await runProgram(['profiles', 'rename', 'prod', 'live'], { env: home.env });
    assert.equal(ended.code, 0, ended.stderr);
    assert.deepEqual(await filesOf(used, 'prod'), theirs.toSorted());
    assert.deepEqual((await readFlightRecord(home.paths, nameOf('live'))).renewal, record.renewal);
    assert.deepEqual(await readRejections(home.paths, nameOf('live')), rejections);
    assert.equal(await fs.readFile(path.join(home.paths.callers, 'live.clusters'), 'utf8'), spellings);
    // The issuer is still left alone for a while.
    const before = used.refreshes();
    const again = await runProgram(['token', '--profile', 'live'], { env: envOf(used) });
    assert.equal(again.code, 1);
    assert.match(again.stderr, /Not tried again before/);
    assert.equal(used.refreshes(), before);
  });

  test('does not come from a former profile of the new name', async t => {
    const used = await renewableProfile(t);
    const { home } = used;
    await used.keep(3600);
    const foreign = path.join(home.paths.credentials, 'live.json');
    await fs.writeFile(foreign, await fs.readFile(path.join(home.paths.credentials, 'prod.json'), 'utf8'), {
      mode: 0o600,
    });
    await fs.mkdir(path.join(home.paths.state, 'flights'), { recursive: true, mode: 0o700 });
    const left = {
      version: 1,
      renewal: { since: Date.now(), failures: 3, failure: { code: 'NETWORK', message: 'gone' } },
    };
    await fs.writeFile(path.join(home.paths.state, 'flights', 'live.json'), JSON.stringify(left), {
      mode: 0o600,
    });
    assert.equal((await runProgram(['profiles', 'rename', 'prod', 'live'], { env: home.env })).code, 0);
    assert.equal((await readFlightRecord(home.paths, nameOf('live'))).renewal, undefined);
    assert.equal((JSON.parse(await fs.readFile(foreign, 'utf8')) as { profile: string }).profile, 'live');
  });

  test('goes with a profile that is removed, and none of another', async t => {
    const used = await usedProfile(t);
    const theirs = await neighbour(used);
    const ended = await runProgram(['profiles', 'remove', 'prod', '--yes'], { env: used.home.env });
    assert.equal(ended.code, 0, ended.stderr);
    assert.deepEqual(await filesOf(used, 'prod'), theirs.toSorted());
  });

  test('is forgotten by a logout: nothing holds the next login back', async t => {
    const used = await usedProfile(t);
    const ended = await runProgram(['logout', 'prod'], { env: used.home.env });
    assert.equal(ended.code, 0, ended.stderr);
    assert.deepEqual(await filesOf(used, 'prod'), []);
  });

  test('is not written again by a renewal that was under way when the profile was removed', async t => {
    const used = await renewableProfile(t);
    const { home, rotating } = used;
    await used.keep(-10);
    const { answers } = rotating.issuer;
    const renew = answers.get('/token');
    assert.ok(typeof renew === 'function');
    // The profile goes while the issuer is being asked.
    answers.set('/token', form => {
      void releaseProfile(home.paths, nameOf('prod'));
      return renew(form);
    });
    const token = startProgram(call, { env: envOf(used) });
    const ended = await token.ended;
    assert.equal(ended.code, 2, ended.stderr);
    assert.match(ended.stderr, /There is no profile "prod" on this machine any more/);
    assert.equal(await readProfile(home.paths, nameOf('prod')), undefined);
  });
});
