import assert from 'node:assert/strict';
import fs from 'node:fs/promises';
import path from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { parse } from 'yaml';
import { temporaryHome } from '../../helpers/home.ts';
import { endsWith, goTo, openWizard, temporaryDemo } from '../../helpers/wizard-terminal.ts';

const token = 'a-token-that-nobody-may-see';
const own = (name: string) => `# mine
current-context: ${name}
clusters:
- name: ${name}
  cluster: { server: https://${name}.example.com }
contexts:
- name: ${name}
  context: { cluster: ${name}, user: ${name} }
users:
- name: ${name}
  user: { token: ${token} }
`;

/** The wizard at its review, in a home whose `~/.kube/config` has entries of one name. */
async function atReview(t: TestContext, name: string, rows = 40) {
  const home = await temporaryHome(t);
  const file = home.path('.kube', 'config');
  await fs.mkdir(path.dirname(file));
  await fs.writeFile(file, own(name), { mode: 0o600 });
  const wizard = await openWizard(t, await temporaryDemo(t), { home, rows });
  await goTo(wizard, 'review');
  const names = async () =>
    parse(await fs.readFile(file, 'utf8')).contexts.map((context: { name: string }) => context.name);
  const shows = (text: string) => wizard.waitFor(screen => screen.some(line => line.includes(text)));
  return { home, file, wizard, names, shows };
}

describe('the review of the wizard', { concurrency: 2 }, () => {
  test('m shows what would change in the kubeconfig of kubectl, scrolled where there is no room for it, and Enter writes it', async t => {
    const { home, file, wizard, names, shows } = await atReview(t, 'work', 30);
    await shows('m: merge it into the kubeconfig');
    wizard.type('m');
    await shows('m: write a file of its own instead.');
    const screen = await shows('arrows and page keys show the rest.');
    assert.ok(screen.some(line => line.includes('~/.kube/config (changed; what else is in it stays')));
    assert.ok(
      screen.some(line => line.includes(`--- ${file}`)),
      screen.join('\n'),
    );
    assert.doesNotMatch(wizard.rawOutput(), new RegExp(token));
    assert.equal(await fs.readFile(file, 'utf8'), own('work'));
    await wizard.press('enter');
    await endsWith(wizard, 0);
    const [first, ours, ...others] = await names();
    assert.deepEqual([first, ours, others.length], ['work', 'kubernetes-cluster', 1]);
    assert.deepEqual(
      (await home.files()).filter(name => name.startsWith('kube/')),
      [],
    );
  });

  test('in a large window m shows the whole change', async t => {
    const { wizard, shows } = await atReview(t, 'work', 100);
    wizard.type('m');
    await shows('m: write a file of its own instead.');
    const screen = await shows('+- name: kubernetes-cluster');
    assert.ok(screen.some(line => line.includes('token: "(hidden)"')));
    assert.ok(!screen.some(line => line.includes('show the rest')));
    wizard.type('m');
    const back = await shows('m: merge it into the kubeconfig');
    assert.ok(!back.some(line => line.includes('+- name:')));
    await wizard.press('ctrl+c');
    await endsWith(wizard, 130);
  });

  for (const [key, expected] of [
    ['r', ['kubernetes-cluster', 'kubernetes-cluster-2']],
    ['o', ['kubernetes-cluster']],
  ] as const) {
    test(`a name that is taken is told, and ${key} answers it`, async t => {
      const { wizard, names, shows } = await atReview(t, 'kubernetes-cluster');
      wizard.type('m');
      await shows('r give ours another name · o replace');
      await wizard.press('enter');
      assert.deepEqual(await names(), ['kubernetes-cluster'], 'Enter writes nothing before that');
      wizard.type(key);
      await shows('~/.kube/config (changed');
      await wizard.press('enter');
      await endsWith(wizard, 0);
      const found: string[] = await names();
      assert.deepEqual(
        found.filter(name => name.startsWith('kubernetes-cluster')),
        expected,
      );
    });
  }
});
