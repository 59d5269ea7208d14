import assert from 'node:assert/strict';
import fs from 'node:fs/promises';
import { describe, it } from 'node:test';
import { type Demo, startDemo } from '../../source/demo/index.ts';
import { beginAsync, claimsIn, poll, type Started } from '../demo/helpers.ts';
import { type Home, temporaryHome } from '../helpers/home.ts';
import { assertNoToken, assertPlain, assertRefused, contentsOf } from '../helpers/plain-output.ts';
import { answeredLogin, smallestPortal } from '../helpers/portal-login.ts';
import { type Ended, startProgram } from '../helpers/program.ts';

type TestContext = Parameters<typeof temporaryHome>[0];

async function setUp(test: TestContext): Promise<Demo> {
  const demo = await startDemo(smallestPortal);
  test.after(() => demo.close());
  return demo;
}

/** Each person signs in at the address that their own terminal shows, or is told why there is none. */
async function signInAs(demo: Demo, login: string, home: Home): Promise<Ended> {
  const program = startProgram(answeredLogin(demo), { env: home.env });
  await program.address().then(
    address => demo.signIn(address, demo.user(login)),
    () => undefined,
  );
  return program.ended;
}

async function storedEmail(home: Home): Promise<unknown> {
  const [file = ''] = (await home.files()).filter(each => each.startsWith('state/credentials/'));
  return claimsIn(JSON.parse(await fs.readFile(home.path(file), 'utf8')).token)['email'];
}

const starts = (demo: Demo) =>
  demo.requestsTo('portal', '/token/async').filter(({ method }) => method === 'POST');

describe('two people who sign in in the same second', { concurrency: true }, () => {
  for (const round of [1, 2, 3]) {
    it(`each get their own token, both programs started at once (${round})`, async test => {
      const demo = await setUp(test);
      const people = ['ada', 'ravi'] as const;
      const homes = await Promise.all(people.map(() => temporaryHome(test)));
      const ended = await Promise.all(
        people.map((login, index) => signInAs(demo, login, homes[index] as Home)),
      );
      for (const [index, login] of people.entries()) {
        const { code, stdout, stderr } = ended[index] as Ended;
        assert.equal(code, 0, stderr);
        assert.match(
          stderr,
          new RegExp(`^Signed in to kubernetes-cluster as ${login}@corp\\.example\\.$`, 'm'),
        );
        assert.equal(await storedEmail(homes[index] as Home), `${login}@corp.example`);
        assertPlain(stdout + stderr);
        assertNoToken(stdout, stderr);
      }
    });
  }

  it('each get their own token or a reason, when the portal keeps the second for good', async test => {
    const demo = await setUp(test);
    demo.faults.set('start', 'same-second', { times: 6 });
    const people = ['ada', 'ravi'] as const;
    const homes = await Promise.all(people.map(() => temporaryHome(test)));
    const ended = await Promise.all(
      people.map((login, index) => signInAs(demo, login, homes[index] as Home)),
    );
    assert.ok(starts(demo).length > 4, 'nobody began again');
    for (const [index, login] of people.entries()) {
      const run = ended[index] as Ended;
      const home = homes[index] as Home;
      if (run.code === 0) {
        assert.match(run.stderr, new RegExp(`as ${login}@corp\\.example\\.`));
        assert.equal(await storedEmail(home), `${login}@corp.example`);
      } else {
        assertRefused(run, {
          exit: 1,
          message: /took the place of this one|keep taking the place|older than/,
        });
        assert.deepEqual(await contentsOf(home), {});
      }
    }
  });

  it('by another program, which knows nothing of the fault: the login it overtakes begins again', async test => {
    const demo = await setUp(test);
    const home = await temporaryHome(test);
    demo.faults.set('start', 'same-second', { times: 2 });
    const intruder = new Promise<Started>((resolve, reject) => {
      const overtake = () => {
        setImmediate(() => beginAsync(demo, 'intruder').then(resolve, reject));
        return false;
      };
      demo.intercept(/^POST \/token\/async/, overtake, { times: 1 });
    });
    const ended = await signInAs(demo, 'ada', home);
    assert.equal(ended.code, 0, ended.stderr);
    assert.equal(await storedEmail(home), 'ada@corp.example');
    const own = starts(demo).filter(({ body }) => !body.includes('intruder'));
    assert.equal(own.length, 3, 'one start for the identity providers, one more for it, one for the login');
    const { hmac } = await intruder;
    assert.equal(JSON.parse((await poll(demo, hmac, 'intruder')).body).ready, false);
  });
});
