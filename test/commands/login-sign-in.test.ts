import assert from 'node:assert/strict';
import fs from 'node:fs/promises';
import path from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { parse } from 'yaml';
import { type Demo, type DemoOptions, startDemo } from '../../source/demo/index.ts';
import { claimsIn, originOf } from '../demo/helpers.ts';
import { type Home, temporaryHome } from '../helpers/home.ts';
import type { ErrorDocument, LoginDocument } from '../helpers/login-document.ts';
import { assertNoToken, assertPlain, assertRefused, contentsOf } from '../helpers/plain-output.ts';
import { answeredLogin, logIn, loginArguments, smallestPortal } from '../helpers/portal-login.ts';
import { jsonOf, personSignsIn, runProgram, startProgram } from '../helpers/program.ts';

// A platform of its own for each test: on one, logins of the same second get in each other's way.
async function setUp(test: TestContext, options: DemoOptions = smallestPortal) {
  const demo = await startDemo(options);
  test.after(() => demo.close());
  return { demo, home: await temporaryHome(test) };
}

const twoClusters = {
  only: { clusters: ['kubernetes-cluster', 'red-lab'], identityProviders: ['corporate'] },
};
const bothClusters = [
  ...['--all-clusters', '--profile', 'kubernetes-cluster=mgmt', '--profile', 'red-lab=lab'],
  ...['--method', '1'],
];
/** red-prod accepts an audience of its own; the portal's tokens have the first cluster's. */
const withOwnAudience = {
  only: { clusters: ['kubernetes-cluster', 'red-prod', 'red-lab'], identityProviders: ['corporate'] },
};

async function credentialOf(
  home: Home,
  name: string,
): Promise<{ token: string; server: string; profile: string }> {
  return JSON.parse(await fs.readFile(path.join(home.paths.credentials, `${name}.json`), 'utf8'));
}

const requestsToClusters = (demo: Demo) =>
  demo.requests.filter(({ server }) => server !== 'portal').map(({ server, path: at }) => `${server} ${at}`);

describe('a portal sign-in by flags', { concurrency: 4 }, () => {
  it('shows the address on stderr, the account, and the outcome as one JSON document', async t => {
    const { demo, home } = await setUp(t);
    const ended = await logIn(demo, answeredLogin(demo, '--json'), { home });
    assert.equal(ended.code, 0, ended.stderr);
    assert.match(ended.stderr, /^Signed in to kubernetes-cluster as ada@corp\.example\.$/m);
    const [profile] = jsonOf<LoginDocument>(ended).profiles;
    assert.equal(profile?.signedIn, true);
    assert.deepEqual(profile?.account, {
      label: 'ada@corp.example',
      groups: ['platform-admins', 'employees'],
    });
    const { token, server } = await credentialOf(home, 'prod');
    assert.equal(Date.parse(profile?.expiresAt ?? ''), Number(claimsIn(token)['exp']) * 1000);
    assert.equal(server, demo.cluster('kubernetes-cluster').server);
    assertNoToken(ended.stdout, ended.stderr);
    assertPlain(ended.stdout + ended.stderr);
    assert.equal(await home.mode('state', 'credentials', 'prod.json'), '600');
    assert.equal(await home.mode('state', 'credentials'), '700');
  });

  it('needs no --idp where there is one provider, and goes straight to it', async t => {
    const { demo, home } = await setUp(t);
    const program = startProgram(loginArguments(demo, '--yes'), { env: home.env });
    const address = await program.address();
    assert.equal(new URL(address).searchParams.get('connector_id'), 'corporate');
    await demo.signIn(address, demo.user('ada'));
    assert.equal((await program.ended).code, 0);
  });

  it('signs in to the first cluster alone, and sends its token to no API server', async t => {
    const { demo, home } = await setUp(t, twoClusters);
    const ended = await logIn(demo, loginArguments(demo, ...bothClusters, '--json'), { home });
    const { profiles } = jsonOf<LoginDocument>(ended);
    assert.deepEqual(
      profiles.map(({ name, signedIn }) => [name, signedIn]),
      [
        ['mgmt', true],
        ['lab', false],
      ],
    );
    assert.deepEqual(await fs.readdir(home.paths.credentials), ['mgmt.json']);
    assert.deepEqual(requestsToClusters(demo), []);
  });

  it('with --sign-in-now asks for a login of its own for each cluster, whose token is kept for it alone', async t => {
    const { demo, home } = await setUp(t, twoClusters);
    const args = loginArguments(demo, ...bothClusters, '--sign-in-now', '--json');
    const program = startProgram(args, { env: home.env });
    await personSignsIn(program, demo, demo.user('ada'));
    await program.saw(/Signed in to kubernetes-cluster as ada@/);
    await personSignsIn(program, demo, demo.user('ravi'), 2);
    const ended = await program.ended;
    assert.equal(ended.code, 0, ended.stderr);
    assert.deepEqual(
      jsonOf<LoginDocument>(ended).profiles.map(({ name, account }) => [name, account?.label]),
      [
        ['mgmt', 'ada@corp.example'],
        ['lab', 'ravi@corp.example'],
      ],
    );
    const [mgmt, lab] = [await credentialOf(home, 'mgmt'), await credentialOf(home, 'lab')];
    assert.deepEqual([mgmt.profile, mgmt.server], ['mgmt', demo.cluster('kubernetes-cluster').server]);
    assert.deepEqual([lab.profile, lab.server], ['lab', demo.cluster('red-lab').server]);
    assert.deepEqual(
      [mgmt, lab].map(({ token }) => claimsIn(token)['email']),
      ['ada@corp.example', 'ravi@corp.example'],
    );
    assert.deepEqual(requestsToClusters(demo), []);
  });

  it('that fails for a later cluster keeps the first, fails, and tells of it in the one document', async t => {
    const { demo, home } = await setUp(t, twoClusters);
    const args = loginArguments(demo, ...bothClusters, '--sign-in-now', '--json');
    const program = startProgram(args, { env: home.env });
    await personSignsIn(program, demo, demo.user('ada'));
    await program.saw(/Signed in to kubernetes-cluster/);
    await program.address(2);
    demo.faults.set('token', 'expired');
    await personSignsIn(program, demo, demo.user('ada'), 2);
    const ended = await program.ended;
    assert.equal(ended.code, 1);
    assert.match(ended.stderr, /^dkp-auth: The token has expired\.$/m);
    const { profiles, files } = jsonOf<LoginDocument>(ended);
    assert.deepEqual(
      profiles.map(({ name, signedIn, error }) => [name, signedIn, error?.code]),
      [
        ['mgmt', true, undefined],
        ['lab', false, 'TOKEN_INVALID'],
      ],
    );
    assert.equal(files.length, 1);
    assert.deepEqual(await fs.readdir(home.paths.credentials), ['mgmt.json']);
  });

  it('by the token method writes for each cluster its own token, with its end in a comment, readable by nobody else', async t => {
    const { demo, home } = await setUp(t, twoClusters);
    const args = loginArguments(demo, '--all-clusters', '--yes', '--method', 'token', '--json');
    const ended = await logIn(demo, args, { home, logins: 2 });
    assert.equal(ended.code, 0, ended.stderr);
    assertNoToken(ended.stdout, ended.stderr);
    const tokens = await Promise.all(
      jsonOf<LoginDocument>(ended).profiles.map(async ({ name, kubeconfig, expiresAt }) => {
        const text = await fs.readFile(kubeconfig, 'utf8');
        assert.ok(text.includes(`# This token is good until ${expiresAt}; then run dkp-auth login again.`));
        const { users, contexts } = parse(text);
        assert.deepEqual(Object.keys(users[0].user), ['token']);
        assert.deepEqual([contexts.length, users.length, users[0].name], [1, 1, name]);
        assert.equal(await home.mode('kube', `${name}.yaml`), '600');
        return users[0].user.token;
      }),
    );
    assert.equal(new Set(tokens).size, 2);
  });

  it('as another account than the profile has is refused with both, and changes nothing', async t => {
    const { demo, home } = await setUp(t);
    await logIn(demo, answeredLogin(demo), { home });
    const kept = await contentsOf(home);
    const ended = await logIn(demo, answeredLogin(demo), { home, user: 'ravi' });
    assertRefused(ended, {
      exit: 4,
      message: /signed in as ravi@corp\.example, .* belongs to ada@corp\.example/,
    });
    assert.deepEqual(await contentsOf(home), kept);
  });

  it('to which nobody comes ends after --timeout', async t => {
    const { demo, home } = await setUp(t);
    const ended = await runProgram(answeredLogin(demo, '--timeout', '1', '--json'), { env: home.env });
    assert.equal(ended.code, 1);
    assert.equal(jsonOf<ErrorDocument>(ended).error.code, 'LOGIN_TIMEOUT');
    assert.deepEqual(await home.files(), []);
  });

  it('of which the kubeconfig cannot be written leaves neither profile nor token', async t => {
    const { demo, home } = await setUp(t);
    const tooLong = home.path(`${'x'.repeat(245)}.yaml`);
    const ended = await logIn(demo, answeredLogin(demo, '--output', tooLong), { home });
    assert.equal(ended.code, 1, ended.stdout);
    assert.match(ended.stderr, /Could not write .*name too long/);
    assert.deepEqual(await home.files(), []);
  });
});

describe("a sign-in at the cluster's own page by flags", { concurrency: 4 }, () => {
  const red = (demo: Demo, ...more: string[]) =>
    loginArguments(
      demo,
      '--cluster',
      'red-prod',
      '--method',
      '2',
      '--profile',
      'red',
      '--sign-in',
      'page',
      ...more,
    );
  const pageToken = async (demo: Demo, cluster: string) => {
    const { token } = await demo.signIn(`${originOf(demo)}/token/login/${cluster}`, demo.user('ada'));
    return token ?? '';
  };

  it('takes the token, or the line around it, from stdin, and shows it nowhere', async t => {
    const { demo } = await setUp(t, withOwnAudience);
    const token = await pageToken(demo, 'red-prod');
    const line = `kubectl config set-credentials ada-red-prod \\\n    --token=${token}\n`;
    for (const input of [token, line]) {
      const home = await temporaryHome(t);
      const ended = await runProgram(red(demo, '--json'), { env: home.env, input });
      assert.equal(ended.code, 0, ended.stderr);
      assert.match(ended.stderr, new RegExp(`^${originOf(demo)}/token/login/red-prod$`, 'm'));
      assertNoToken(ended.stdout, ended.stderr);
      assert.equal(jsonOf<LoginDocument>(ended).profiles[0]?.signIn, 'page');
      assert.equal((await credentialOf(home, 'red')).token, token);
    }
    assert.deepEqual(requestsToClusters(demo), []);
  });

  it('is chosen by itself for a cluster that accepts no other token', async t => {
    const { demo, home } = await setUp(t, withOwnAudience);
    const args = loginArguments(demo, '--cluster', 'red-prod', '--method', '2', '--profile', 'red', '--json');
    const ended = await runProgram(args, { env: home.env, input: await pageToken(demo, 'red-prod') });
    assert.equal(ended.code, 0, ended.stderr);
    assert.equal(jsonOf<LoginDocument>(ended).profiles[0]?.signIn, 'page');
  });

  it("refuses the token of another cluster's page, and stores nothing", async t => {
    const { demo, home } = await setUp(t, withOwnAudience);
    const ended = await runProgram(red(demo), { env: home.env, input: await pageToken(demo, 'red-lab') });
    assertRefused(ended, { exit: 1, message: /meant for kube-apiserver, but this cluster accepts red-prod/ });
    const lab = loginArguments(
      demo,
      '--cluster',
      'red-lab',
      '--method',
      '2',
      '--profile',
      'lab',
      '--sign-in',
      'page',
    );
    const other = await runProgram(lab, { env: home.env, input: await pageToken(demo, 'red-prod') });
    assertRefused(other, { exit: 1, message: /meant for red-prod, but this cluster accepts kube-apiserver/ });
    assert.deepEqual(await home.files(), []);
  });

  it('refuses what is no good token, and stores nothing', async t => {
    const { demo, home } = await setUp(t, withOwnAudience);
    const now = Math.floor(Date.now() / 1000);
    const claims = { iss: demo.document.issuer, sub: 'ada', aud: 'red-prod', iat: now, exp: now + 600 };
    const inputs: [string, RegExp][] = [
      ['', /no token in what was pasted/],
      ['I could not find it', /no token in what was pasted/],
      [demo.mint({ ...claims, iat: now - 900, exp: now - 300 }), /has expired/],
      [demo.mint(claims, 'other-key'), /not signed by the issuer's keys/],
      [`${demo.mint(claims, 'unsigned')}x`, /proves nothing|cannot be read/],
      [demo.mint({ ...claims, iss: 'https://evil.example/dex' }), /not from https:\/\/127/],
      [`${demo.mint(claims)} ${demo.mint({ ...claims, sub: 'eve' })}`, /several tokens/],
    ];
    await Promise.all(
      inputs.map(async ([input, message]) => {
        assertRefused(await runProgram(red(demo), { env: home.env, input }), { exit: 1, message });
      }),
    );
    assert.deepEqual(await home.files(), []);
  });
});

describe('leaving a login by flags', { concurrency: 4 }, () => {
  const left = async (home: Home, ended: { code: number | undefined; stdout: string; stderr: string }) => {
    assert.deepEqual([ended.code, ended.stdout], [130, '']);
    assert.doesNotMatch(ended.stderr, /^\s+at |Unhandled|Warning/m);
    assert.deepEqual(await fs.readdir(home.folder), []);
  };

  it('while it waits for the person ends with 130 and leaves nothing', async t => {
    const { demo, home } = await setUp(t);
    const program = startProgram(answeredLogin(demo), { env: home.env, input: 'open' });
    await program.address();
    program.kill('SIGINT');
    await left(home, await program.ended);
  });

  it('while it waits for a token on stdin ends with 130 and leaves nothing', async t => {
    const { demo, home } = await setUp(t);
    const program = startProgram(answeredLogin(demo, '--sign-in', 'page'), { env: home.env, input: 'open' });
    await program.address();
    program.kill('SIGINT');
    await left(home, await program.ended);
  });

  for (const [what, place] of [
    ['asks the portal for its clusters', '/token/plugin/providers'],
    ['begins the login', '/token/async'],
    ['asks the issuer for its keys', '/dex/.well-known/openid-configuration'],
  ] as const) {
    it(`while it ${what} ends with 130 and leaves nothing`, async t => {
      const { demo, home } = await setUp(t);
      const asked = new Promise<void>(resolve => {
        demo.intercept(place, () => resolve());
      });
      const program = startProgram(answeredLogin(demo), { env: home.env });
      if (place.startsWith('/dex')) await personSignsIn(program, demo, demo.user('ada'));
      await asked;
      program.kill('SIGINT');
      await left(home, await program.ended);
    });
  }

  it('at a later cluster keeps what was finished, whole', async t => {
    const { demo, home } = await setUp(t, twoClusters);
    const program = startProgram(loginArguments(demo, ...bothClusters, '--sign-in-now'), { env: home.env });
    await personSignsIn(program, demo, demo.user('ada'));
    await program.address(2);
    program.kill('SIGINT');
    assert.equal((await program.ended).code, 130);
    assert.deepEqual(await fs.readdir(home.paths.credentials), ['mgmt.json']);
    assert.deepEqual((await fs.readdir(home.paths.profiles)).sort(), ['lab.json', 'mgmt.json']);
    const [file = ''] = await fs.readdir(home.paths.kubeconfigs);
    assert.equal(parse(await fs.readFile(home.path('kube', file), 'utf8')).users.length, 2);
    assert.deepEqual(
      (await home.files()).filter(name => name.includes('.tmp')),
      [],
    );
  });
});

describe('two logins at once for one profile name', { concurrency: 4 }, () => {
  const clusters = ['kubernetes-cluster', 'red-lab'] as const;
  const forCluster = (demo: Demo, cluster: string, ...more: string[]) =>
    loginArguments(demo, '--cluster', cluster, '--method', '2', '--profile', 'prod', ...more);

  async function assertOneWon(home: Home, demo: Demo, codes: (number | undefined)[]): Promise<string> {
    assert.deepEqual([...codes].sort(), [0, 4]);
    const winner = clusters[codes.indexOf(0)] ?? '';
    const { server } = demo.cluster(winner);
    assert.deepEqual(await fs.readdir(home.paths.profiles), ['prod.json']);
    const profile = JSON.parse(await fs.readFile(path.join(home.paths.profiles, 'prod.json'), 'utf8'));
    assert.equal(profile.cluster.server, server);
    assert.deepEqual(await fs.readdir(home.paths.kubeconfigs), ['prod.yaml']);
    const config = parse(await fs.readFile(path.join(home.paths.kubeconfigs, 'prod.yaml'), 'utf8'));
    assert.deepEqual(
      config.clusters.map((each: { cluster: { server: string } }) => each.cluster.server),
      [server],
    );
    return server;
  }

  it('for two clusters, both persons signed in: one wins, the other exits 4, the registry is intact', async t => {
    const { demo, home } = await setUp(t, twoClusters);
    const programs = clusters.map(cluster => startProgram(forCluster(demo, cluster), { env: home.env }));
    // Both are past their first look at the registry when they show an address.
    const addresses = await Promise.all(programs.map(program => program.address()));
    await Promise.all(addresses.map(address => demo.signIn(address, demo.user('ada'))));
    const ended = await Promise.all(programs.map(program => program.ended));
    const server = await assertOneWon(
      home,
      demo,
      ended.map(({ code }) => code),
    );
    const loser = ended.find(({ code }) => code === 4);
    assert.match(loser?.stderr ?? '', /^dkp-auth: The profile name "prod" is taken by the cluster /m);
    assert.equal((await credentialOf(home, 'prod')).server, server);
  });

  it('for two clusters, signing in later: one wins, each time', async t => {
    const { demo } = await setUp(t, twoClusters);
    for (let round = 1; round <= 3; round++) {
      const home = await temporaryHome(t);
      const ended = await Promise.all(
        clusters.map(cluster => runProgram(forCluster(demo, cluster, '--sign-in-later'), { env: home.env })),
      );
      await assertOneWon(
        home,
        demo,
        ended.map(({ code }) => code),
      );
    }
  });

  it('for one cluster is no conflict', async t => {
    const { demo, home } = await setUp(t, twoClusters);
    const args = forCluster(demo, 'red-lab', '--sign-in-later');
    const ended = await Promise.all([1, 2].map(() => runProgram(args, { env: home.env })));
    assert.deepEqual(
      ended.map(({ code }) => code),
      [0, 0],
    );
    assert.deepEqual(await fs.readdir(home.paths.profiles), ['prod.json']);
  });
});
