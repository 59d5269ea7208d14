import assert from 'node:assert/strict';
import fs from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { rememberedPortals, rememberPortal } from '../../source/system/settings.ts';
import { temporaryHome } from '../helpers/home.ts';
import { userError } from '../helpers/user-error.ts';

const link = (name: string) => `https://${name}/token/landing/`;

test('looking for remembered portals writes nothing', async t => {
  const { paths, folder } = await temporaryHome(t);
  assert.deepEqual(await rememberedPortals(paths), []);
  assert.deepEqual(await fs.readdir(folder), []);
});

test('portals are remembered with what was decided about them, the latest first', async t => {
  const { paths } = await temporaryHome(t);
  await rememberPortal(paths, { loginLink: link('a'), ca: 'PEM', identityProvider: 'ldap', lastUsed: 1 });
  await rememberPortal(paths, { loginLink: link('b'), lastUsed: 3 });
  await rememberPortal(paths, { loginLink: link('c'), lastUsed: 2 });
  assert.deepEqual(await rememberedPortals(paths), [
    { loginLink: link('b'), lastUsed: 3 },
    { loginLink: link('c'), lastUsed: 2 },
    { loginLink: link('a'), ca: 'PEM', identityProvider: 'ldap', lastUsed: 1 },
  ]);
});

test('a portal that is used again is remembered once, as it is now', async t => {
  const { paths } = await temporaryHome(t);
  await rememberPortal(paths, { loginLink: link('a'), ca: 'old', lastUsed: 1 });
  await rememberPortal(paths, { loginLink: link('a'), ca: 'new', lastUsed: 2 });
  assert.deepEqual(await rememberedPortals(paths), [{ loginLink: link('a'), ca: 'new', lastUsed: 2 }]);
});

test('fifty portals are remembered, and the oldest is forgotten', async t => {
  const { paths } = await temporaryHome(t);
  for (let count = 1; count <= 52; count++)
    await rememberPortal(paths, { loginLink: link(`p${count}`), lastUsed: count });
  const portals = await rememberedPortals(paths);
  assert.equal(portals.length, 50);
  assert.equal(portals[0]?.loginLink, link('p52'));
  assert.equal(portals.at(-1)?.loginLink, link('p3'));
});

test('settings are for this user alone, under any umask', async t => {
  const before = process.umask(0);
  t.after(() => process.umask(before));
  const { paths, mode } = await temporaryHome(t);
  await rememberPortal(paths, { loginLink: link('a'), lastUsed: 1 });
  assert.equal(await mode('config'), '700');
  assert.equal(await mode('config', 'settings.json'), '600');
});

for (const [what, content] of [
  ['broken', '{"portals": ['],
  ['of another shape', '{"portals": "none"}'],
  ['an entry without its link', '{"portals": [{"lastUsed": 1}]}'],
] as const) {
  test(`settings that are ${what} are an error that names their folder, and are not overwritten`, async t => {
    const { paths } = await temporaryHome(t);
    await fs.mkdir(paths.config, 0o700);
    await fs.writeFile(path.join(paths.config, 'settings.json'), content, { mode: 0o600 });
    await assert.rejects(
      rememberedPortals(paths),
      userError('STORE_INVALID', /settings in .*config cannot be read/),
    );
    await assert.rejects(
      rememberPortal(paths, { loginLink: link('a'), lastUsed: 1 }),
      userError('STORE_INVALID'),
    );
    assert.equal(await fs.readFile(path.join(paths.config, 'settings.json'), 'utf8'), content);
  });
}
