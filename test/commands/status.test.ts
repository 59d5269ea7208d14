import assert from 'node:assert/strict';
import { test } from 'node:test';
import { claimProfile } from '../../source/profiles/registry.ts';
import { temporaryHome } from '../helpers/home.ts';
import { sampleProfile } from '../helpers/profiles.ts';
import { jsonOf, runProgram } from '../helpers/program.ts';

type Status = {
  profiles: { name: string; isolation: string; expiresAt: string | null; account: string | null }[];
};

test('status says of every profile how far apart its tokens really are', async t => {
  const home = await temporaryHome(t);
  const at = (name: string, client?: string) =>
    sampleProfile(
      name,
      `https://${name}.example.com`,
      client === undefined ? {} : { signIn: 'device', audience: { kind: 'dex-client', client } },
    );
  for (const profile of [at('own', 'own'), at('twin-a', 'both'), at('twin-b', 'both'), at('stock')]) {
    await claimProfile(home.paths, profile);
  }
  const ended = await runProgram(['status', '--json'], { env: home.env });
  assert.equal(ended.code, 0, ended.stderr);
  const isolation = Object.fromEntries(
    jsonOf<Status>(ended).profiles.map(each => [each.name, each.isolation]),
  );
  assert.deepEqual(isolation, {
    own: 'audience',
    stock: 'separate',
    'twin-a': 'separate',
    'twin-b': 'separate',
  });
  const text = await runProgram(['status'], { env: home.env });
  assert.match(
    text.stdout,
    /^own\n(.*\n)*? {2}isolation {3}isolated: no other cluster here accepts its token$/m,
  );
  assert.match(text.stdout, /separate token; clusters with the same audience would accept it/);
  assert.match(text.stdout, /token {7}none; kubectl's first call asks for it/);
});

test('status without a profile says what to do', async t => {
  const home = await temporaryHome(t);
  const ended = await runProgram(['status'], { env: home.env });
  assert.equal(ended.code, 0);
  assert.match(ended.stdout, /Run dkp-auth login/);
});
