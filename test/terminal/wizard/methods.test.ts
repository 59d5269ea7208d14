import assert from 'node:assert/strict';
import fs from 'node:fs/promises';
import { describe, test } from 'node:test';
import { parse } from 'yaml';
import { texts } from '../../../source/wizard/texts.ts';
import { isNoMark } from '../../helpers/home.ts';
import {
  endsWith,
  flags,
  goTo,
  linesUnder,
  openWizard,
  temporaryDemo,
  type Wizard,
} from '../../helpers/wizard-terminal.ts';

type Kubeconfig = {
  'current-context': string;
  clusters: { name: string; cluster: { server: string } }[];
  contexts: { name: string; context: { cluster: string; user: string } }[];
  users: { name: string; user: { token?: string; exec?: { args: string[] } } }[];
};

const read = async (file: string) => parse(await fs.readFile(file, 'utf8')) as Kubeconfig;
const kubeFiles = async ({ home }: Wizard) => (await home.files()).filter(file => file.startsWith('kube/'));

describe('the wizard from a login link to files', { concurrency: 3 }, () => {
  test('Method 1 with the global link: one file, a context, a user and a profile for each cluster', async t => {
    const wizard = await openWizard(t, await temporaryDemo(t));
    await goTo(wizard, 'clusters');
    await wizard.press('space', 'end', 'up', 'space', 'enter');
    await wizard.at('method');
    await wizard.press('enter');
    await wizard.at('time');
    await wizard.press('enter');
    await wizard.at('names');
    await wizard.press('enter', 'enter');
    await wizard.at('review');
    assert.deepEqual(await wizard.home.files(), []);
    await wizard.press('enter');
    await endsWith(wizard, 0);

    const [file = '', ...others] = await kubeFiles(wizard);
    assert.deepEqual(others, []);
    assert.equal(file, `kube/127.0.0.1-${wizard.demo.document.port}.yaml`);
    assert.equal(await wizard.home.mode(file), '600');
    const config = await read(wizard.home.path(file));
    assert.equal(config['current-context'], 'kubernetes-cluster');
    assert.deepEqual(
      config.contexts.map(({ name, context }) => [name, context.user]),
      [
        ['kubernetes-cluster', 'kubernetes-cluster'],
        ['blue-prod', 'blue-prod'],
      ],
    );
    assert.deepEqual(
      config.users.map(({ user }) => user.exec?.args.at(-1)),
      ['kubernetes-cluster', 'blue-prod'],
    );
    assert.deepEqual(
      (await wizard.home.files()).filter(isNoMark).filter(name => !name.startsWith('kube/')),
      [
        'config/profiles/blue-prod.json',
        'config/profiles/kubernetes-cluster.json',
        'config/settings.json',
        'state/credentials/kubernetes-cluster.json',
        'state/node',
      ],
    );
    const done = linesUnder(wizard, 'Done.').join('\n');
    assert.match(
      done,
      /kubernetes-cluster -> kubernetes-cluster \(.*\): signed in as ada@corp\.example until \d{4}-/,
    );
    assert.match(done, /blue-prod -> blue-prod \(.*\): kubectl's first call asks you to sign in/);
    assert.deepEqual(linesUnder(wizard, 'Try it:'), [`kubectl --kubeconfig="$HOME"/${file} get pods -A`]);
    assert.deepEqual(linesUnder(wizard, 'Go to another cluster:'), [
      'eval "$(dkp-auth use blue-prod)"',
      'or, by kubectl alone:',
      `export KUBECONFIG="$HOME"/${file}`,
      'kubectl config use-context blue-prod',
      'kubectl --context=blue-prod get pods -A',
    ]);
  });

  test('Method 2 with a workspace link: a file for each cluster of the workspace', async t => {
    const demo = await temporaryDemo(t);
    const link = demo.document.loginLinks.workspaces['team-blue'] ?? '';
    const wizard = await openWizard(t, demo, { args: ['login', link, '--ca-file', demo.document.caFile] });
    const providers = await wizard.at('provider');
    assert.ok(
      providers.some(line => line.includes('Blue Team LDAP')),
      'the workspace has a provider of its own',
    );
    assert.ok(!providers.some(line => line.includes('Red Team')));
    wizard.type('blue');
    await wizard.press('enter');
    await wizard.signIn('bruno');
    const clusters = await wizard.at('clusters');
    assert.deepEqual(
      clusters.flatMap(line => /\[.\] \d (\S+)/.exec(line)?.[1] ?? []),
      ['blue-prod', 'blue-edge'],
    );
    await wizard.press('ctrl+a', 'enter');
    await wizard.at('method');
    await wizard.press('down', 'enter');
    await wizard.at('time');
    await wizard.press('enter');
    await wizard.at('names');
    await wizard.press('ctrl+u');
    wizard.type('mine');
    await wizard.press('enter', 'enter');
    await wizard.at('review');
    await wizard.press('enter');
    await endsWith(wizard, 0);
    assert.deepEqual(await kubeFiles(wizard), ['kube/blue-edge.yaml', 'kube/mine.yaml']);
    const config = await read(wizard.home.path('kube', 'mine.yaml'));
    assert.deepEqual(
      [config['current-context'], config.clusters.length, config.contexts.length, config.users.length],
      ['mine', 1, 1, 1],
    );
    assert.equal(config.clusters[0]?.cluster.server, demo.cluster('blue-prod').server);
    assert.deepEqual(linesUnder(wizard, 'Go to another cluster:'), [
      'eval "$(dkp-auth use blue-edge)"',
      'or, by kubectl alone:',
      'kubectl --kubeconfig="$HOME"/kube/blue-edge.yaml get pods -A',
      'export KUBECONFIG="$HOME"/kube/blue-edge.yaml',
    ]);
    assert.equal(
      demo
        .requestsTo('portal', '/token/plugin/providers')
        .every(({ path }) => path.includes('tenant-id=team-blue')),
      true,
    );
  });

  test('token: a file with a token in it that works, and nothing that calls a program', async t => {
    const demo = await temporaryDemo(t);
    const wizard = await openWizard(t, demo, {
      args: flags(demo, '--idp', 'corporate', '--cluster', 'blue-prod'),
    });
    await wizard.signIn('ada');
    await wizard.at('method');
    await wizard.press('end', 'enter');
    await wizard.at('names');
    await wizard.press('enter');
    await wizard.at('review');
    await wizard.press('enter');
    await endsWith(wizard, 0);
    const text = await fs.readFile(wizard.home.path('kube', 'blue-prod.yaml'), 'utf8');
    const config = parse(text) as Kubeconfig;
    assert.match(config.users[0]?.user.token ?? '', /^eyJ/);
    assert.equal(config.users[0]?.user.exec, undefined);
    assert.match(text, /# .*20\d\d-/, 'its comment tells when it ends');
    assert.ok(!wizard.rawOutput().includes('eyJ'), 'the token is never on the screen');
  });

  test('the last screen stays below what was answered, and nothing of the questions', async t => {
    const demo = await temporaryDemo(t);
    const wizard = await openWizard(t, demo, { args: flags(demo, '--cluster', 'red-lab') });
    await goTo(wizard, 'login');
    await wizard.signIn('ada');
    await wizard.at('method');
    await wizard.press('enter');
    await wizard.at('names');
    await wizard.press('enter');
    await wizard.at('review');
    await wizard.press('enter');
    await endsWith(wizard, 0);
    const text = wizard.text();
    for (const line of [
      `✓ Login link: 127.0.0.1:${demo.document.port} (global)`,
      '✓ Identity provider: Corporate Directory',
      '✓ Sign in: ada@corp.example (platform-admins, employees)',
      '✓ Clusters: red-lab',
      '✓ Profile names: red-lab',
    ]) {
      assert.equal(text.split('\n').filter(each => each === line).length, 1, `${line}\n${text}`);
    }
    for (const word of [texts.writing, texts.reviewQuestion, texts.methodQuestion, 'Ctrl+C']) {
      assert.ok(!text.includes(word), `${word} is still there:\n${text}`);
    }
    assert.equal(linesUnder(wizard, 'The same again without questions:').length, 1);
  });
});
