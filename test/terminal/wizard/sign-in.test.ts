import assert from 'node:assert/strict';
import fs from 'node:fs/promises';
import { describe, test } from 'node:test';
import { decodeJwt } from 'jose';
import {
  endsWith,
  flags,
  linesUnder,
  openWizard,
  temporaryDemo,
  type Wizard,
} from '../../helpers/wizard-terminal.ts';

/** What is stored for a profile. */
async function stored({ home }: Wizard, profile: string): Promise<{ token: string; server: string }> {
  return JSON.parse(await fs.readFile(home.path('state', 'credentials', `${profile}.json`), 'utf8'));
}

const credentials = async ({ home }: Wizard) =>
  (await home.files()).filter(file => file.startsWith('state/credentials/')).map(file => file.slice(18, -5));

describe('signing in', { concurrency: 4 }, () => {
  test('a login that nobody finishes ends by itself, and can be begun again', async t => {
    const demo = await temporaryDemo(t, { asyncTtlSeconds: 4 });
    const wizard = await openWizard(t, demo, { args: flags(demo, '--idp', 'corporate') });
    await wizard.at('login');
    const [first] = wizard.addresses();
    await demo.signIn(first ?? '', demo.user('ada'), { abandon: true });
    await wizard.waitFor('Nobody signed in before the login expired.');
    await wizard.waitFor('Enter try again');
    await wizard.press('enter');
    await wizard.at('login');
    await wizard.signIn('ada', 2);
    await wizard.at('clusters');
    assert.notEqual(wizard.addresses()[1], first);
    assert.ok(wizard.text().includes('✓ Sign in: ada@corp.example'));
    assert.deepEqual(await wizard.home.files(), []);
  });

  test('a wrong password is between the person and the provider: the wizard waits on', async t => {
    const demo = await temporaryDemo(t);
    const wizard = await openWizard(t, demo, { args: flags(demo, '--idp', 'corporate') });
    const wrong = await wizard.signIn({ ...demo.user('ada'), password: 'guess' });
    assert.equal(wrong.refused, true);
    await wizard.at('login');
    const right = await wizard.signIn('ada');
    assert.equal(right.status, 200);
    await wizard.at('clusters');
  });

  test('"n" begins another login, and the first address is of no use any more', async t => {
    const demo = await temporaryDemo(t);
    const wizard = await openWizard(t, demo, { args: flags(demo, '--idp', 'corporate') });
    await wizard.at('login');
    wizard.type('n');
    await wizard.waitFor(() => wizard.addresses().length === 2);
    await demo.signIn(wizard.addresses()[0] ?? '', demo.user('ada-n'));
    await wizard.signIn('ada', 2);
    await wizard.at('clusters');
    assert.match(wizard.text(), /Sign in: ada@corp\.example/);
    assert.doesNotMatch(wizard.text(), /ada\.n@users/);
  });

  test("a token from the cluster's own page is pasted with its whole line, in brackets", async t => {
    const demo = await temporaryDemo(t);
    const wizard = await openWizard(t, demo, { args: flags(demo, '--idp', 'corporate', '--method', '2') });
    await wizard.at('login');
    wizard.type('p');
    await wizard.waitFor('Which cluster');
    await wizard.press('down', 'enter');
    await wizard.waitFor('Paste the token');
    const address = wizard.addresses()[1] ?? '';
    assert.ok(address.endsWith('/token/login/red-prod'), address);
    const wrong = await demo.signIn(address.replace('red-prod', 'blue-prod'), demo.user('ada'));
    wizard.paste(wrong.token ?? '');
    await wizard.waitFor(/\d{3,4} characters/);
    await wizard.press('enter');
    await wizard.waitFor('The token is meant for kube-apiserver, but this cluster accepts red-prod.');
    const { token = '' } = await wizard.signIn('ada', 2);
    assert.equal(wizard.bracketedPaste(), true);
    wizard.paste(`kubectl config set-credentials ada-red-prod \\\n    --token=${token}\n`);
    await wizard.waitFor(/\d{3,4} characters/);
    await wizard.press('enter');
    const clusters = await wizard.at('clusters');
    assert.ok(
      clusters.some(line => /\[x\] \d red-prod/.test(line)),
      'the cluster is ticked already',
    );
    await wizard.press('enter');
    await wizard.at('names');
    await wizard.press('enter');
    await wizard.at('review');
    await wizard.press('enter');
    await endsWith(wizard, 0);
    assert.equal((await stored(wizard, 'red-prod')).token, token);
    assert.ok(!wizard.rawOutput().includes(token), 'the token is never on the screen');
    const [line = ''] = linesUnder(wizard, 'The same again without questions:');
    assert.match(line, / --sign-in page /);
  });

  test('a token is pasted plain, with Enter in the same read', async t => {
    const demo = await temporaryDemo(t);
    const wizard = await openWizard(t, demo, {
      args: flags(demo, '--sign-in', 'page', '--cluster', 'blue-prod'),
    });
    await wizard.waitFor('Paste the token');
    const { token = '' } = await wizard.signIn('ada');
    wizard.send(`${token}\r`);
    await wizard.at('method');
    assert.match(wizard.text(), /Sign in: ada@corp\.example/);
    assert.ok(!wizard.rawOutput().includes(token));
  });

  test('further logins follow one after the other, each with its own address and for its own cluster', async t => {
    const demo = await temporaryDemo(t);
    const wizard = await openWizard(t, demo, {
      args: flags(
        demo,
        '--idp',
        'corporate',
        '--method',
        '1',
        '--cluster',
        'kubernetes-cluster',
        '--cluster',
        'red-prod',
        '--cluster',
        'blue-prod',
      ),
    });
    await wizard.signIn('ada');
    await wizard.at('time');
    await wizard.press('down', 'enter');
    await wizard.at('names');
    await wizard.press('enter', 'enter', 'enter');
    const review = (await wizard.at('review')).join('\n');
    assert.match(review, /red-prod accepts its own tokens only/);
    assert.match(review, /Then 2 more logins\./);
    await wizard.press('enter');
    await wizard.waitFor('Sign in for red-prod (2 of 3)');
    const { token = '' } = await wizard.signIn('ada', 2);
    await wizard.waitFor('Paste the token');
    wizard.paste(token);
    await wizard.waitFor('characters');
    await wizard.press('enter');
    await wizard.waitFor('Sign in for blue-prod (3 of 3)');
    await wizard.signIn('ada', 3);
    await endsWith(wizard, 0);
    assert.deepEqual(await credentials(wizard), ['blue-prod', 'kubernetes-cluster', 'red-prod']);
    const tokens = await Promise.all(
      ['kubernetes-cluster', 'red-prod', 'blue-prod'].map(name => stored(wizard, name)),
    );
    assert.equal(new Set(tokens.map(each => each.token)).size, 3, 'each profile has a token of its own');
    assert.deepEqual(
      tokens.map(each => decodeJwt(each.token).aud),
      ['kube-apiserver', 'red-prod', 'kube-apiserver'],
    );
    assert.deepEqual(
      tokens.map(({ server }) => server),
      ['kubernetes-cluster', 'red-prod', 'blue-prod'].map(name => demo.cluster(name).server),
    );
    for (const { name } of demo.document.clusters) {
      assert.deepEqual(demo.requestsTo(name), [], 'no login sends a token to a cluster');
    }
    const done = linesUnder(wizard, 'Done.');
    assert.equal(done.filter(line => line.includes('signed in as ada@corp.example until')).length, 3);
  });

  test('Escape leaves one of them for later, and the next one follows', async t => {
    const demo = await temporaryDemo(t);
    const wizard = await openWizard(t, demo, {
      args: flags(demo, '--idp', 'corporate', '--method', '2', '--sign-in-now', '--all-clusters'),
    });
    await wizard.signIn('ada');
    await wizard.at('names');
    await wizard.press('enter', 'enter', 'enter', 'enter', 'enter');
    await wizard.at('review');
    await wizard.press('enter');
    for (const [name, number] of [
      ['red-prod', 2],
      ['red-lab', 3],
    ] as const) {
      await wizard.waitFor(`Sign in for ${name} (${number} of 5)`);
      await wizard.press('escape');
    }
    await wizard.waitFor('Sign in for blue-prod (4 of 5)');
    await wizard.waitFor('Waiting for you');
    await wizard.signIn('ada', wizard.addresses().length);
    await wizard.waitFor('Sign in for blue-edge (5 of 5)');
    await wizard.press('escape');
    await endsWith(wizard, 0);
    assert.deepEqual(await credentials(wizard), ['blue-prod', 'kubernetes-cluster']);
    const done = linesUnder(wizard, 'Done.').join('\n');
    assert.match(
      done,
      /red-lab -> .*: not signed in: Left for later\. kubectl's first call asks you to sign in/,
    );
    assert.match(
      done,
      /red-prod -> .*: not signed in: Left for later\. kubectl's first call tells the command/,
    );
    assert.match(done, /blue-prod -> .*: signed in as ada@corp\.example/);
  });

  test('a portal that stumbles while one signs in is told, and waited for', async t => {
    const demo = await temporaryDemo(t);
    const wizard = await openWizard(t, demo, { args: flags(demo, '--idp', 'corporate') });
    await wizard.at('login');
    demo.faults.set('query', 'bad-gateway');
    await wizard.waitFor('answered with status 502.');
    demo.faults.clear('query');
    await wizard.signIn('ada');
    await wizard.at('clusters');
  });

  test('a token that is older than the login is refused, with nothing stored', async t => {
    const demo = await temporaryDemo(t);
    demo.faults.set('token', 'old');
    const wizard = await openWizard(t, demo, { args: flags(demo, '--idp', 'corporate') });
    await wizard.signIn('ada');
    await wizard.waitFor('The token is older than this login');
    demo.faults.clear('token');
    await wizard.press('enter');
    await wizard.signIn('ada', 2);
    await wizard.at('clusters');
    assert.deepEqual(await wizard.home.files(), []);
  });

  test('a wizard that has no login to make goes on without one', async t => {
    const demo = await temporaryDemo(t);
    const wizard = await openWizard(t, demo, {
      args: flags(demo, '--idp', 'corporate', '--cluster', 'red-lab', '--sign-in-later'),
    });
    await wizard.at('method');
    await wizard.press('enter');
    await wizard.at('names');
    await wizard.press('enter');
    await wizard.at('review');
    await wizard.press('enter');
    await endsWith(wizard, 0);
    assert.deepEqual(wizard.addresses(), []);
    assert.deepEqual(await credentials(wizard), []);
  });
});
