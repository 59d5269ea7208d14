import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import fs from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { UserError } from '../../source/errors.ts';
import { formatProfile } from '../../source/profiles/profile.ts';
import { parseProfileName } from '../../source/profiles/profile-name.ts';
import {
  assertMayBind,
  claimProfile,
  listProfileNames,
  listProfiles,
  readProfile,
  releaseProfile,
} from '../../source/profiles/registry.ts';
import { temporaryFolder, temporaryHome } from '../helpers/home.ts';
import { account, sampleProfile } from '../helpers/profiles.ts';
import { userError } from '../helpers/user-error.ts';

const run = promisify(execFile);
const prod = parseProfileName('prod');
const server = (number: number) => `https://api-${number}.example.com`;

test('a claimed profile is found again, in a file for this user alone', async t => {
  const { paths, mode } = await temporaryHome(t);
  const profile = sampleProfile('prod', server(1));
  assert.equal(await claimProfile(paths, profile), 'created');
  assert.deepEqual(await readProfile(paths, prod), profile);
  assert.deepEqual(await listProfiles(paths), [profile]);
  assert.equal(await mode('config', 'profiles', 'prod.json'), '600');
  assert.equal(await mode('config', 'profiles'), '700');
  assert.equal(await mode('config'), '700');
});

test('a machine without profiles has none, and looking makes no folder', async t => {
  const { paths, files } = await temporaryHome(t);
  assert.equal(await readProfile(paths, prod), undefined);
  assert.deepEqual(await listProfiles(paths), []);
  assert.deepEqual(await files(), []);
});

test('a name is never bound to a second cluster, and the refusal says who has it', async t => {
  const { paths } = await temporaryHome(t);
  const first = sampleProfile('prod', server(1));
  await claimProfile(paths, first);
  const others = [server(2), `${server(1)}:6443`, `${server(1)}/dkp/api-server`];
  for (const other of others) {
    await assert.rejects(
      claimProfile(paths, sampleProfile('prod', other)),
      userError('PROFILE_TAKEN', /"prod" is taken by the cluster prod \(https:\/\/api-1\.example\.com\)/),
    );
  }
  assert.deepEqual(await readProfile(paths, prod), first);
});

test('the same cluster is brought up to date: files added up, the account kept', async t => {
  const { paths } = await temporaryHome(t);
  await claimProfile(
    paths,
    sampleProfile('prod', server(1), { kubeconfigs: ['/a'], account: account('ada') }),
  );
  const cluster = { name: 'renamed', server: server(1), ca: 'new', hostname: 'new.example.com' };
  const again = sampleProfile('prod', server(1), { cluster, kubeconfigs: ['/b', '/a'], signIn: 'page' });
  assert.equal(await claimProfile(paths, again), 'updated');
  assert.deepEqual(await readProfile(paths, prod), {
    ...again,
    account: account('ada'),
    kubeconfigs: ['/a', '/b'],
  });
});

test('an account is pinned once; another one is refused by name, and nothing changes', async t => {
  const { paths } = await temporaryHome(t);
  const unpinned = sampleProfile('prod', server(1));
  await claimProfile(paths, unpinned);
  await claimProfile(paths, { ...unpinned, account: account('ada', 'ada@corp') });
  await assert.rejects(
    claimProfile(paths, { ...unpinned, account: account('eve', 'eve@corp') }),
    userError('WRONG_ACCOUNT', /belongs to ada@corp, not to eve@corp/),
  );
  await assert.rejects(
    claimProfile(paths, { ...unpinned, account: account('eve', 'ada@corp') }),
    userError('WRONG_ACCOUNT', /belongs to ada@corp \(subject ada\), not to ada@corp \(subject eve\)/),
  );
  assert.equal((await readProfile(paths, prod))?.account?.subject, 'ada');
});

test('of twenty logins that pin different accounts to one unpinned profile at one time, exactly one succeeds', async t => {
  const { paths } = await temporaryHome(t);
  const unpinned = sampleProfile('prod', server(1));
  await claimProfile(paths, unpinned);
  const names = Array.from({ length: 20 }, (_, number) => `person-${number}`);
  const outcomes = await Promise.allSettled(
    names.map(name => claimProfile(paths, { ...unpinned, account: account(name) })),
  );
  const winners = names.filter((_, number) => outcomes[number]?.status === 'fulfilled');
  for (const outcome of outcomes) {
    if (outcome.status === 'rejected') userError('WRONG_ACCOUNT')(outcome.reason);
  }
  assert.deepEqual(winners, [(await readProfile(paths, prod))?.account?.subject]);
});

test('of processes that pin different accounts to one unpinned profile, exactly one succeeds', async t => {
  const { paths, env } = await temporaryHome(t);
  await claimProfile(paths, sampleProfile('prod', server(1)));
  const barrier = await temporaryFolder(t);
  const claimant = path.join(import.meta.dirname, 'claimant.ts');
  const claims = Array.from({ length: 6 }, (_, number) =>
    run(process.execPath, ['--import', 'tsx', claimant, 'prod', server(1), `person-${number}`], {
      env: { ...env, BARRIER: barrier, CLAIMANTS: '6' },
    }),
  );
  const outcomes = (await Promise.all(claims)).map(({ stdout }) => stdout.trim().split(' '));
  const winners = outcomes.flatMap(([outcome, , person]) => (outcome === 'updated' ? [person] : []));
  assert.deepEqual(winners, [(await readProfile(paths, prod))?.account?.subject]);
  assert.equal(outcomes.filter(([outcome]) => outcome === 'WRONG_ACCOUNT').length, 5);
});

test('an update that changes nothing writes nothing, so that a folder nobody may write in is no fault', async t => {
  const { paths, files } = await temporaryHome(t);
  const profile = sampleProfile('prod', server(1), { account: account('ada') });
  await claimProfile(paths, profile);
  const before = await fs.stat(path.join(paths.profiles, 'prod.json'));
  assert.equal(await claimProfile(paths, { ...profile, kubeconfigs: [] }), 'updated');
  assert.equal((await fs.stat(path.join(paths.profiles, 'prod.json'))).ino, before.ino);
  assert.deepEqual(await files(), ['config/profiles/prod.json']);
});

test('a cluster may have several profiles', async t => {
  const { paths } = await temporaryHome(t);
  await claimProfile(paths, sampleProfile('ada', server(1), { account: account('ada') }));
  await claimProfile(paths, sampleProfile('eve', server(1), { account: account('eve') }));
  assert.deepEqual(await listProfileNames(paths), ['ada', 'eve']);
});

test('a released name is free again, and releasing twice is no error', async t => {
  const { paths } = await temporaryHome(t);
  await claimProfile(paths, sampleProfile('prod', server(1)));
  await releaseProfile(paths, prod);
  await releaseProfile(paths, prod);
  assert.equal(await claimProfile(paths, sampleProfile('prod', server(2))), 'created');
});

test('of twenty claims of one name for different clusters at one time, exactly one wins', async t => {
  const { paths, files } = await temporaryHome(t);
  const claims = Array.from({ length: 20 }, (_, number) =>
    claimProfile(paths, sampleProfile('prod', server(number))),
  );
  const outcomes = await Promise.allSettled(claims);
  const winners = outcomes.flatMap((outcome, number) => (outcome.status === 'fulfilled' ? [number] : []));
  assert.equal(winners.length, 1);
  for (const outcome of outcomes) {
    if (outcome.status === 'rejected') userError('PROFILE_TAKEN')(outcome.reason);
    else assert.equal(outcome.value, 'created');
  }
  assert.equal((await readProfile(paths, prod))?.cluster.server, server(winners[0] ?? -1));
  assert.deepEqual(await files(), ['config/profiles/prod.json']);
});

test('twenty claims of one name for one cluster all succeed, one of them as the first', async t => {
  const { paths, files } = await temporaryHome(t);
  const claims = Array.from({ length: 20 }, () => claimProfile(paths, sampleProfile('prod', server(1))));
  const outcomes = await Promise.all(claims);
  assert.equal(outcomes.filter(outcome => outcome === 'created').length, 1);
  assert.equal((await readProfile(paths, prod))?.cluster.server, server(1));
  assert.deepEqual(await files(), ['config/profiles/prod.json']);
});

test('of twenty processes that claim one name for different clusters, exactly one wins', async t => {
  const { paths, env } = await temporaryHome(t);
  const barrier = await temporaryFolder(t);
  const claimant = path.join(import.meta.dirname, 'claimant.ts');
  const claims = Array.from({ length: 20 }, (_, number) =>
    run(process.execPath, ['--import', 'tsx', claimant, 'prod', server(number)], {
      env: { ...env, BARRIER: barrier, CLAIMANTS: '20' },
      timeout: 30_000,
    }),
  );
  const outcomes = (await Promise.all(claims)).map(({ stdout }) => stdout.trim());
  const winners = outcomes.filter(outcome => outcome.startsWith('created '));
  assert.equal(winners.length, 1, outcomes.join('\n'));
  assert.equal(outcomes.filter(outcome => outcome.startsWith('PROFILE_TAKEN ')).length, 19);
  assert.equal(winners[0], `created ${(await readProfile(paths, prod))?.cluster.server}`);
  assert.deepEqual(await fs.readdir(paths.profiles), ['prod.json']);
});

test('a profile file that was copied to another name is refused', async t => {
  const { paths } = await temporaryHome(t);
  await claimProfile(paths, sampleProfile('prod', server(1)));
  await fs.copyFile(path.join(paths.profiles, 'prod.json'), path.join(paths.profiles, 'lab.json'));
  await assert.rejects(
    readProfile(paths, parseProfileName('lab')),
    userError('STORE_INVALID', /lab\.json holds the profile "prod"/),
  );
});

test('a profile that others could have written is refused, not followed or read', async t => {
  const { paths, path: inHome } = await temporaryHome(t);
  await claimProfile(paths, sampleProfile('prod', server(1)));
  const file = path.join(paths.profiles, 'prod.json');
  await fs.chmod(file, 0o620);
  await assert.rejects(readProfile(paths, prod), userError('STORE_INVALID', /read or written by others/));
  await fs.rename(file, inHome('elsewhere.json'));
  await fs.chmod(inHome('elsewhere.json'), 0o600);
  await fs.symlink(inHome('elsewhere.json'), file);
  await assert.rejects(readProfile(paths, prod), userError('STORE_INVALID', /symbolic link/));
  await assert.rejects(claimProfile(paths, sampleProfile('prod', server(2))), userError('STORE_INVALID'));
  assert.equal(await fs.readlink(file), inHome('elsewhere.json'));
});

test('files that are no profiles are not listed', async t => {
  const { paths } = await temporaryHome(t);
  await claimProfile(paths, sampleProfile('prod', server(1)));
  for (const name of ['prod.json.0123.tmp', 'UPPER.json', '.hidden.json', 'notes.txt', '.json', 'con.json']) {
    await fs.writeFile(path.join(paths.profiles, name), 'x', { mode: 0o600 });
  }
  assert.deepEqual(await listProfileNames(paths), ['prod']);
});

test('the rule itself: the server decides, then the account', () => {
  const existing = sampleProfile('prod', server(1), { account: account('ada') });
  assertMayBind(existing, sampleProfile('prod', server(1)));
  assertMayBind(existing, { ...existing, issuer: 'https://moved.example.com/dex' });
  assert.throws(
    () => assertMayBind(existing, sampleProfile('prod', server(2), { account: account('eve') })),
    (error: unknown) => error instanceof UserError && error.exitCode === 4 && error.code === 'PROFILE_TAKEN',
  );
  assert.ok(formatProfile(existing).includes(server(1)));
});
