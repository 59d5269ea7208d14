import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { describe, test } from 'node:test';
import { texts } from '../../../source/wizard/texts.ts';
import { cli } from '../../helpers/program.ts';
import { openTerminal } from '../../terminal/harness/terminal.ts';
import { browserTrap } from '../browser-trap.ts';
import { assertIs, type Desk, deskAt, kubeconfigOf, type Test } from '../desk.ts';
import { portalNamed, userNamed } from '../harness.ts';
import { setScene } from '../scene.ts';
import { addressShown, chooseAllClusters, enterPortal } from '../wizard.ts';

const scene = setScene();

const storedToken = async (desk: Desk, profile: string) =>
  (
    JSON.parse(await readFile(desk.path('state', 'credentials', `${profile}.json`), 'utf8')) as {
      token: string;
    }
  ).token;

describe('the wizard on a stock platform, with a person at Chromium', () => {
  const startWizard = (t: Test, desk: Desk, env: Record<string, string> = {}) =>
    openTerminal(t, {
      command: process.execPath,
      args: [cli],
      env: { ...desk.env, ...env },
      columns: 100,
      rows: 40,
    });

  test('Method 1: the browser is opened, each cluster gets its own login and token, and knows the administrator', async t => {
    const desk = await deskAt(t, scene.lab);
    const jane = userNamed('jane');
    const trap = await browserTrap(desk.folder, desk.env['PATH'] ?? '');
    const terminal = startWizard(t, desk, { PATH: trap.path, DISPLAY: ':99' });
    await enterPortal(terminal, portalNamed(scene.lab, 'portal-stock'), jane);
    const first = await addressShown(terminal);
    assert.equal(await trap.firstOpened(), first);
    await scene.person.signIn(first, jane);
    await chooseAllClusters(terminal, { method: '1', others: 'now' });
    await terminal.press('enter');
    await scene.person.signIn(await addressShown(terminal, [first]), jane);
    assert.deepEqual(await terminal.exit, { code: 0 });

    const portal = new URL(portalNamed(scene.lab, 'portal-stock').loginLink).host.replace(':', '-');
    assert.deepEqual(
      (await desk.files()).filter(file => file.startsWith('kube/')),
      [`kube/${portal}.yaml`],
    );
    for (const context of ['stock-a', 'stock-b']) {
      const config = [kubeconfigOf(desk, portal), `--context=${context}`];
      assertIs(await desk.whoami(config), jane);
      assert.equal(await desk.mayI(config, 'delete', 'nodes', '--all-namespaces'), 'yes');
    }
    assert.notEqual(await storedToken(desk, 'stock-a'), await storedToken(desk, 'stock-b'));
  });

  test("Method 2: a cluster left for later asks at kubectl's first call, and rights are those of each cluster", async t => {
    const desk = await deskAt(t, scene.lab);
    const john = userNamed('john');
    const terminal = startWizard(t, desk);
    await enterPortal(terminal, portalNamed(scene.lab, 'portal-stock'), john);
    await scene.person.signIn(await addressShown(terminal), john);
    await chooseAllClusters(terminal, { method: '2', others: 'later' });
    await terminal.press('enter');
    assert.deepEqual(await terminal.exit, { code: 0 });
    assert.deepEqual(
      (await desk.files()).filter(file => file.startsWith('kube/')),
      ['kube/stock-a.yaml', 'kube/stock-b.yaml'],
    );

    const firstCall = desk.kubectlInTerminal([kubeconfigOf(desk, 'stock-b'), 'auth', 'whoami']);
    await scene.person.signIn(await addressShown(firstCall), john);
    await firstCall.waitFor(/Username +john@lab\.example/);
    assert.deepEqual(await firstCall.exit, { code: 0 });

    const [a, b] = [[kubeconfigOf(desk, 'stock-a')], [kubeconfigOf(desk, 'stock-b')]];
    assertIs(await desk.whoami(a), john);
    assertIs(await desk.whoami(b), john);
    const create = ['create', 'configmap', 'johns', '--namespace=team', '--dry-run=server'];
    const allowed = await desk.kubectl([...a, ...create]);
    assert.equal(allowed.code, 0, allowed.stderr);
    const denied = await desk.kubectl([...b, ...create]);
    assert.equal(denied.code, 1);
    assert.match(denied.stderr, /forbidden: User "john@lab\.example" cannot create resource "configmaps"/);
    assert.equal(await desk.mayI(b, 'list', 'pods', '--all-namespaces'), 'yes');
  });

  test('Token: each file holds its own token and no plugin, and works without this program', async t => {
    const desk = await deskAt(t, scene.lab);
    const kilgore = userNamed('');
    const terminal = startWizard(t, desk);
    await enterPortal(terminal, portalNamed(scene.lab, 'portal-stock'), kilgore);
    const first = await addressShown(terminal);
    await scene.person.signIn(first, kilgore);
    await chooseAllClusters(terminal, { method: 'token' });
    await terminal.press('enter');
    await scene.person.signIn(await addressShown(terminal, [first]), kilgore);
    assert.deepEqual(await terminal.exit, { code: 0 });

    const tokens = new Set<string | undefined>();
    for (const name of ['stock-a', 'stock-b']) {
      const text = await readFile(desk.path('kube', `${name}.yaml`), 'utf8');
      assert.doesNotMatch(text, /exec:/);
      assert.match(text, /# .*expire|# .*until/i);
      tokens.add(/token: (\S+)/.exec(text)?.[1]);
      const config = [kubeconfigOf(desk, name)];
      assertIs(await desk.whoami(config, { env: { PATH: '/nonexistent' } }), kilgore);
      assert.equal(await desk.mayI(config, 'list', 'pods', '--all-namespaces'), 'yes');
      assert.equal(await desk.mayI(config, 'create', 'configmaps', '--namespace=team'), 'no');
    }
    assert.equal(tokens.size, 2);
  });

  test('leaving while the login waits writes nothing', async t => {
    const desk = await deskAt(t, scene.lab);
    const terminal = startWizard(t, desk);
    await enterPortal(terminal, portalNamed(scene.lab, 'portal-stock'), userNamed('jane'));
    await addressShown(terminal);
    await terminal.waitFor(texts.waitingForLogin);
    await terminal.press('ctrl+c');
    assert.deepEqual(await terminal.exit, { code: 130 });
    assert.deepEqual(await desk.files(), []);
  });
});
