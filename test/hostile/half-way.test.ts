import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { demoForTests } from '../demo/helpers.ts';
import { temporaryHome } from '../helpers/home.ts';
import { assertRefused, contentsOf } from '../helpers/plain-output.ts';
import { answeredLogin, logIn, loginArguments } from '../helpers/portal-login.ts';
import { jsonOf, startProgram } from '../helpers/program.ts';

describe('a login that fails half-way', { concurrency: true }, async () => {
  const demo = await demoForTests({
    only: { clusters: ['kubernetes-cluster', 'red-lab'], identityProviders: ['corporate'] },
  });

  it('takes everything back when the kubeconfig cannot be written', async test => {
    const home = await temporaryHome(test);
    // Long enough that the file itself may be called so, but no temporary file beside it.
    const output = home.path('kube', `${'x'.repeat(245)}.yaml`);
    const ended = await logIn(demo, answeredLogin(demo, '--output', output), { home });
    assertRefused(ended, { exit: 1, message: /Could not write .*x\.yaml: name too long/ });
    assert.deepEqual(await contentsOf(home), {});
  });

  it('at a later cluster keeps what it has, and prints one JSON document that tells of both', async test => {
    const home = await temporaryHome(test);
    const answers = ['--idp', 'corporate', '--all-clusters', '--method', '2', '--yes', '--sign-in-now'];
    const args = loginArguments(demo, ...answers, '--timeout', '6', '--json');
    const program = startProgram(args, { env: home.env });
    await demo.signIn(await program.address(), demo.user('ada'));
    const ended = await program.ended;
    assert.equal(ended.code, 1, ended.stderr);
    type Profile = { name: string; signedIn: boolean; error: { code: string } | null };
    const { profiles } = jsonOf<{ profiles: Profile[] }>(ended);
    assert.deepEqual(
      profiles.map(({ name, signedIn, error }) => [name, signedIn, error?.code]),
      [
        ['kubernetes-cluster', true, undefined],
        ['red-lab', false, 'LOGIN_TIMEOUT'],
      ],
    );
    assert.match(ended.stderr, /^dkp-auth: Nobody signed in before the login expired\.$/m);
    assert.deepEqual(
      (await home.files()).filter(file => file.startsWith('state/credentials/')),
      ['state/credentials/kubernetes-cluster.json'],
    );
  });
});
