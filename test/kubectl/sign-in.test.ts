import assert from 'node:assert/strict';
import fs from 'node:fs/promises';
import { after, before, describe, it } from 'node:test';
import { execa } from 'execa';
import { demoForTests } from '../demo/helpers.ts';
import { temporaryHome } from '../helpers/home.ts';
import { expire, kubectl, pageToken, runKubectl, signInToClusters, storedToken } from '../helpers/kubectl.ts';
import { assertNoToken, assertPlain } from '../helpers/plain-output.ts';
import { type Ended, runProgram, startProgram } from '../helpers/program.ts';
import { openTerminal } from '../terminal/harness/terminal.ts';

/** The words of a command line as a shell reads them, without the first. */
async function wordsOf(line: string): Promise<string[]> {
  const { stdout } = await execa('sh', ['-c', `set -- ${line}; shift; printf '%s\\n' "$@"`]);
  return stdout.split('\n');
}

describe('a profile whose token has expired', async () => {
  const demo = await demoForTests();
  const home = await temporaryHome({ after });
  const clusters = ['red-lab', 'red-prod'];
  before(() => signInToClusters(demo, home, { method: '2', clusters }));
  const kubeconfig = (profile: string) => `--kubeconfig=${home.path('kube', `${profile}.yaml`)}`;
  const pods = (profile: string) => runKubectl([kubeconfig(profile), 'get', 'pods', '-A'], { env: home.env });

  /** The one line that says what to do. */
  function commandIn({ code, stdout, stderr }: Ended): string {
    assert.deepEqual([code, stdout], [1, ''], stderr);
    assert.match(stderr, /failed with exit code 3/);
    assertNoToken(stderr);
    assertPlain(stderr);
    const [, command = ''] = /Run: (dkp-auth login .*)$/m.exec(stderr) ?? [];
    assert.notEqual(command, '', stderr);
    return command;
  }

  it('signs in through the portal while kubectl waits in a terminal: told on stderr, then answered', async test => {
    await expire(home, 'red-lab');
    const before = await storedToken(home, 'red-lab');
    const answer = home.path('answer');
    const terminal = openTerminal(test, {
      command: 'sh',
      args: ['-c', '"$@" >"$ANSWER"', 'sh', kubectl, kubeconfig('red-lab'), 'get', 'pods', '-A'],
      env: { ...home.env, ANSWER: answer },
    });
    const isAddress = (line: string) => /^https:\S+connector_id=corporate$/.test(line);
    await terminal.waitFor(() => terminal.logicalLines().some(isAddress));
    const address = terminal.logicalLines().find(isAddress) ?? '';
    await demo.signIn(address, demo.user('ada'));
    assert.deepEqual(await terminal.exit, { code: 0 });
    assert.match(terminal.scrollback().join('\n'), /Signed in to red-lab as ada@corp\.example\./);
    assert.match(await fs.readFile(answer, 'utf8'), /^NAMESPACE +NAME/);
    assertNoToken(terminal.rawOutput());
    assert.notEqual(await storedToken(home, 'red-lab'), before);
    assert.equal((await pods('red-lab')).code, 0);
  });

  it('asks the person in the terminal for nobody else: another account gets nothing and changes nothing', async test => {
    await expire(home, 'red-lab');
    const before = await storedToken(home, 'red-lab');
    demo.forgetRequests();
    const args = [kubeconfig('red-lab'), 'get', 'pods', '-A'];
    const call = { command: kubectl, args, env: home.env };
    const terminal = openTerminal(test, call);
    const isAddress = (line: string) => /^https:\S+connector_id=corporate$/.test(line);
    await terminal.waitFor(() => terminal.logicalLines().some(isAddress));
    await demo.signIn(terminal.logicalLines().find(isAddress) ?? '', demo.user('ravi'));
    assert.deepEqual(await terminal.exit, { code: 1 });
    const shown = terminal.logicalLines();
    assert.match(
      shown.join('\n'),
      /You signed in as ravi@corp\.example, but this profile belongs to ada@corp\.example/,
    );
    // Whether kubectl calls once more by itself or is started again, nobody is asked a second time.
    const again = openTerminal(test, call);
    assert.deepEqual(await again.exit, { code: 1 });
    const refused = again.logicalLines();
    assert.match(refused.join('\n'), /came to nothing/);
    assert.match(refused.join('\n'), /failed with exit code 3/);
    assert.equal([...shown, ...refused].filter(isAddress).length, 1);
    assert.deepEqual(
      demo.requestsTo('red-lab').filter(({ bearer }) => bearer),
      [],
    );
    assert.equal(await storedToken(home, 'red-lab'), before);
  });

  it('without a terminal ends at once with the command to run, which then mends it', async () => {
    await expire(home, 'red-lab');
    demo.forgetRequests();
    const command = commandIn(await pods('red-lab'));
    assert.equal(demo.requests.length, 0, 'somebody was asked');
    const login = startProgram([...(await wordsOf(command)), '--no-browser'], { env: home.env });
    await demo.signIn(await login.address(), demo.user('ada'));
    const { code, stderr } = await login.ended;
    assert.equal(code, 0, stderr);
    assert.equal((await pods('red-lab')).code, 0);
  });

  it("of a token from its cluster's own page names a command that asks for that page", async () => {
    await expire(home, 'red-prod');
    const command = commandIn(await pods('red-prod'));
    const input = await pageToken(demo, 'red-prod', demo.user('ada'));
    const args = [...(await wordsOf(command)), '--no-browser'];
    const { code, stderr } = await runProgram(args, { env: home.env, input });
    assert.equal(code, 0, stderr);
    assert.equal((await pods('red-prod')).code, 0);
  });

  it('is not asked for while a manifest is piped to kubectl, though that could be taken for an answer', async () => {
    const manifest = 'apiVersion: v1\nkind: Namespace\nmetadata: {name: x}\n';
    await expire(home, 'red-lab');
    const args = [kubeconfig('red-lab'), 'create', '--validate=false', '-f', '-'];
    commandIn(await runKubectl(args, { env: home.env, input: manifest }));
  });
});
