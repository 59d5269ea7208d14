import assert from 'node:assert/strict';
import fs from 'node:fs/promises';
import { describe, it, type TestContext } from 'node:test';
import { writeFix } from '../../source/check/fix/write.ts';
import type { Change } from '../../source/kubeconfig/edit.ts';
import { readKubeconfig } from '../../source/kubeconfig/read.ts';
import { temporaryHome } from '../helpers/home.ts';
import { oneUser, ours } from './landscape.ts';

const planned = oneUser({ token: 'x' });
const changes: readonly Change[] = [
  { kind: 'set', section: 'contexts', name: 'a', content: { cluster: 'a', user: 'own' } },
  { kind: 'set', section: 'users', name: 'own', content: ours('own') },
  { kind: 'remove', section: 'users', name: 'one' },
];

/** A plan is made, then somebody else changes the file, then the plan is carried out. */
async function afterChange(t: TestContext, change: (text: string) => string) {
  const home = await temporaryHome(t);
  const file = home.path('config');
  await fs.writeFile(file, change(planned), { mode: 0o600 });
  const context = { paths: home.paths, signal: new AbortController().signal, onNotice: () => {} };
  const write = () => writeFix({ file: readKubeconfig(planned, file), changes }, context);
  return { write, text: () => fs.readFile(file, 'utf8') };
}

describe('a fix of a file that was changed meanwhile', { concurrency: true }, () => {
  it('keeps what others changed elsewhere in it', async t => {
    const { write, text } = await afterChange(t, before =>
      before.replace('users:\n', 'users:\n- {name: z}\n'),
    );
    const backup = await write();
    assert.match(await text(), /^- \{name: z\}$/m);
    assert.doesNotMatch(await text(), /"token":"x"/);
    assert.match(await fs.readFile(backup ?? '', 'utf8'), /"token":"x"/);
  });

  const clashes: Record<string, (text: string) => string> = {
    'a context that it changes': text => text.replace('"user":"one"', '"user":"one","namespace":"n"'),
    'a user that it removes': text => text.replace('"token":"x"', '"token":"y"'),
    'a user that it adds': text => text.replace('users:\n', 'users:\n- {name: own, user: {token: y}}\n'),
  };
  for (const [what, change] of Object.entries(clashes)) {
    it(`does nothing when it is ${what}`, async t => {
      const { write, text } = await afterChange(t, change);
      await assert.rejects(write(), { code: 'KUBECONFIG_CONFLICT' });
      assert.equal(await text(), change(planned));
    });
  }

  it('has nothing to do where it was done already', async t => {
    const { write, text } = await afterChange(t, before => before);
    await write();
    const done = await text();
    assert.equal(await write(), undefined);
    assert.equal(await text(), done);
  });
});
