import assert from 'node:assert/strict';
import fs from 'node:fs/promises';
import { after, before, describe, test } from 'node:test';
import { type Demo, startDemo } from '../../source/demo/index.ts';
import { claimProfile } from '../../source/profiles/registry.ts';
import type { ProfileStatus } from '../../source/status/profile-status.ts';
import { localTime } from '../../source/time-text.ts';
import { boundProfile, keepToken } from '../helpers/bound-profile.ts';
import { type Home, temporaryHome } from '../helpers/home.ts';
import { assertNoToken, assertPlain } from '../helpers/plain-output.ts';
import { writePortalFile } from '../helpers/portal-file.ts';
import { sampleProfile } from '../helpers/profiles.ts';
import { cli, jsonOf, personSignsIn, runProgram, startProgram } from '../helpers/program.ts';
import { openTerminal } from '../terminal/harness/terminal.ts';

type Status = { profiles: ProfileStatus[] };

const byName = (profiles: readonly ProfileStatus[]) =>
  Object.fromEntries(profiles.map(profile => [profile.name, profile]));

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
  const text = await runProgram(['status', 'own', 'stock'], { env: home.env });
  assert.match(
    text.stdout,
    /^own\n(.*\n)*? {2}isolation {3}isolated: no other cluster here accepts its token$/m,
  );
  assert.match(text.stdout, /separate token; clusters with the same audience would accept it/);
  assert.match(text.stdout, /token {7}none yet; kubectl's first call asks for it/);
});

test('status without a profile says what to do', async t => {
  const home = await temporaryHome(t);
  const ended = await runProgram(['status'], { env: home.env });
  assert.equal(ended.code, 0);
  assert.match(ended.stdout, /Run dkp-auth login/);
});

describe('status, with a platform', () => {
  let demo: Demo;
  before(async () => {
    demo = await startDemo({ tokenLifetimeSeconds: 3600 });
  });
  after(() => demo.close());

  /** `prod` has a good token, `old` one that is over, `new` none; `page` can be signed in to by a command only. */
  async function fourProfiles(home: Home): Promise<void> {
    const kubeconfigs = [home.path('kube', 'prod.yaml'), home.path('gone.yaml')];
    await fs.mkdir(home.path('kube'));
    await fs.writeFile(kubeconfigs[0] ?? '', 'apiVersion: v1\n');
    const loginLink = demo.document.loginLinks.workspaces['team-red'] ?? '';
    const prod = await boundProfile(home, demo, 'prod', 'red-prod', {
      kubeconfigs,
      portal: { loginLink, ca: demo.document.ca },
    });
    await keepToken(home, demo, prod, { secondsLeft: 2 * 3600 + 90 });
    await keepToken(home, demo, await boundProfile(home, demo, 'old', 'red-lab'), { secondsLeft: -3600 });
    await boundProfile(home, demo, 'new', 'blue-prod');
    await boundProfile(home, demo, 'page', 'blue-edge', { signIn: 'page' });
  }

  test('tells of each profile all that is known here, and asks nobody', async t => {
    const home = await temporaryHome(t);
    await fourProfiles(home);
    demo.forgetRequests();
    const ended = await runProgram(['status', '--json'], { env: home.env });
    assert.equal(ended.code, 0, ended.stderr);
    assertNoToken(ended.stdout);
    const { prod, old, new: fresh, page } = byName(jsonOf<Status>(ended).profiles);
    assert.deepEqual(prod && { ...prod, expiresAt: typeof prod.expiresAt }, {
      name: 'prod',
      cluster: 'red-prod',
      server: demo.cluster('red-prod').server,
      portal: demo.document.loginLinks.workspaces['team-red'],
      workspace: 'team-red',
      account: demo.user('ada').email,
      groups: demo.user('ada').groups,
      signIn: 'portal',
      isolation: 'separate',
      expiresAt: 'string',
      renewal: 'asks',
      needsLogin: false,
      kubeconfigs: [
        { path: home.path('kube', 'prod.yaml'), context: 'prod', exists: true },
        { path: home.path('gone.yaml'), context: 'prod', exists: false },
      ],
    });
    assert.deepEqual(
      [old, fresh, page].map(each => [each?.needsLogin, each?.renewal, each?.expiresAt === null]),
      [
        [true, 'asks', false],
        [true, 'asks', true],
        [true, 'by-command', true],
      ],
    );
    assert.equal(demo.requests.length, 0);
  });

  test('the table has the words a person needs', async t => {
    const home = await temporaryHome(t);
    await fourProfiles(home);
    const ended = await runProgram(['status'], { env: home.env });
    assertPlain(ended.stdout);
    assert.match(
      ended.stdout,
      /^PROFILE +TOKEN +CLUSTER +ACCOUNT +RENEWS +WORKSPACE +ISOLATION +PORTAL +KUBECONFIG$/m,
    );
    assert.match(
      ended.stdout,
      /^prod +good for 2 h 1 min +red-prod +ada@\S+ +asks you +team-red .*~\/kube\/prod\.yaml, ~\/gone\.yaml \(gone\)$/m,
    );
    assert.match(ended.stdout, /^old +over for 1 h, login needed +red-lab/m);
    assert.match(ended.stdout, /^page +none yet +blue-edge +none yet +by login +global/m);
  });

  test('columns give way on a narrow screen, and lines do not break', async t => {
    const home = await temporaryHome(t);
    await fourProfiles(home);
    for (const columns of [100, 60, 30]) {
      const terminal = openTerminal(t, {
        command: process.execPath,
        args: [cli, 'status'],
        env: home.env,
        columns,
        rows: 60,
      });
      assert.equal((await terminal.exit).code, 0);
      const text = terminal.logicalLines().join('\n');
      if (columns > 30) {
        assert.match(text, /^PROFILE +TOKEN/m);
        assert.match(text, /Not shown: .*See dkp-auth status NAME/);
        assert.doesNotMatch(text, /KUBECONFIG/);
        const table = terminal.logicalLines().filter(line => /^(PROFILE|prod|old|new|page) /.test(line));
        assert.equal(table.length, 5);
        for (const line of table) assert.ok(line.trimEnd().length <= columns, line);
      } else {
        assert.match(text, /^ {2}token +good for 2 h/m);
      }
    }
  });

  test('--exit-code ends with 3 when something needs a login, and --json stays one document', async t => {
    const home = await temporaryHome(t);
    const profile = await boundProfile(home, demo, 'prod', 'red-prod');
    await keepToken(home, demo, profile);
    const good = await runProgram(['status', '--exit-code'], { env: home.env });
    assert.equal(good.code, 0, good.stderr);
    await boundProfile(home, demo, 'new', 'red-lab');
    const ended = await runProgram(['status', '--exit-code', '--json'], { env: home.env });
    assert.equal(ended.code, 3);
    assert.equal(jsonOf<Status>(ended).profiles.length, 2);
    assert.match(ended.stderr, /A login is needed for: new\.\nRun: dkp-auth login --profile new/);
    assert.equal((await runProgram(['status'], { env: home.env })).code, 0);
  });

  test('a session at the issuer renews by itself, and the token tells its groups', async t => {
    const home = await temporaryHome(t);
    const file = await writePortalFile(demo, home, { clusters: ['red-prod'] });
    const program = startProgram(
      [
        ...['login', '--portal-file', file, '--all-clusters', '--method', '2', '--profile', 'prod'],
        ...['--sign-in', 'browser', '--idp', 'corporate', '--credential-store', 'file'],
      ],
      { env: home.env },
    );
    await personSignsIn(program, demo, demo.user('ada'));
    assert.equal((await program.ended).code, 0);
    const ended = await runProgram(['status', '--json', '--exit-code'], { env: home.env });
    const { prod } = byName(jsonOf<Status>(ended).profiles);
    assert.equal(prod?.renewal, 'by-itself');
    assert.equal(prod?.isolation, 'audience');
    assert.deepEqual(prod?.groups, demo.user('ada').groups);
    // A token that is over is no reason to sign in again while the session lasts.
    const credential = home.path('state', 'credentials', 'prod.json');
    const stored = JSON.parse(await fs.readFile(credential, 'utf8')) as object;
    await fs.writeFile(credential, JSON.stringify({ ...stored, expiresAt: 1 }));
    assert.equal((await runProgram(['status', '--exit-code'], { env: home.env })).code, 0);
    await fs.rm(home.path('state', 'sessions'), { recursive: true });
    assert.equal((await runProgram(['status', '--exit-code'], { env: home.env })).code, 3);
  });

  test('--check-server: each API server sees its own token, and says whose it is', async t => {
    const home = await temporaryHome(t);
    const clusters = ['kubernetes-cluster', 'red-lab', 'blue-prod'];
    const tokens = new Map<string, string>();
    for (const cluster of clusters) {
      const profile = await boundProfile(home, demo, cluster, cluster);
      tokens.set(cluster, await keepToken(home, demo, profile, { secondsLeft: 3600 + tokens.size }));
    }
    // Stored for another API server: not this profile's, and sent nowhere.
    const misled = await boundProfile(home, demo, 'misled', 'blue-edge');
    await keepToken(home, demo, misled, { server: 'https://elsewhere.example' });
    demo.forgetRequests();
    const ended = await runProgram(['status', '--check-server', '--json'], { env: home.env });
    assert.equal(ended.code, 0, ended.stderr);
    const rows = byName(jsonOf<Status>(ended).profiles);
    for (const cluster of clusters) {
      const review = rows[cluster]?.serverReview;
      assert.equal(review?.answer, 'accepted', JSON.stringify(review));
      const bearers = demo.requestsTo(cluster).map(({ bearer }) => bearer?.raw);
      assert.deepEqual(bearers, [tokens.get(cluster)]);
    }
    assert.equal(rows['misled']?.serverReview?.answer, 'not-asked');
    assert.equal(demo.requestsTo('blue-edge').length, 0);
    assert.equal(demo.requestsTo('portal').length, 0);
  });

  test('--check-server: a token that is rejected, a server that is gone, one that is older', async t => {
    const home = await temporaryHome(t);
    t.after(() => demo.faults.clear());
    // red-prod has an audience of its own, which the token does not have.
    await keepToken(home, demo, await boundProfile(home, demo, 'rejected', 'red-prod'));
    await keepToken(home, demo, await boundProfile(home, demo, 'older', 'red-lab'));
    const gone = await boundProfile(home, demo, 'gone', 'blue-prod', {
      cluster: { name: 'gone', hostname: 'gone', server: 'https://127.0.0.1:9' },
    });
    await keepToken(home, demo, gone);
    demo.intercept(
      /authentication\.k8s\.io\/v1\/selfsubjectreviews/,
      ({ response }) => {
        response.writeHead(404).end();
      },
      { server: 'red-lab' },
    );
    const ended = await runProgram(['status', '--check-server', '--json', '--exit-code'], { env: home.env });
    const rows = byName(jsonOf<Status>(ended).profiles);
    assert.equal(ended.code, 3, ended.stderr);
    assert.match(ended.stderr, /A login is needed for: rejected\./);
    assert.equal(rows['rejected']?.serverReview?.answer, 'rejected');
    assert.equal(rows['gone']?.serverReview?.answer, 'unreachable');
    // The version before is asked then.
    assert.deepEqual(
      demo
        .requestsTo('red-lab', '/')
        .map(({ path }) => /v1\w*/.exec(path)?.[0])
        .slice(-2),
      ['v1', 'v1beta1'],
    );
    const text = await runProgram(['status', '--check-server'], { env: home.env });
    assert.match(text.stdout, /^PROFILE +TOKEN +API SERVER/m);
    assert.match(text.stdout, /^rejected .*REJECTED/m);
  });

  test('--watch on a pipe: a line for each profile, then one for each change, and no token', async t => {
    const home = await temporaryHome(t);
    const profile = await boundProfile(home, demo, 'prod', 'red-prod');
    const program = startProgram(['status', '--watch'], { env: home.env });
    const lines = program.lines;
    await lines(/prod: no token, login needed$/m);
    await keepToken(home, demo, profile);
    await lines(/prod: good until .*, ada@/m);
    await fs.rm(home.path('config', 'profiles', 'prod.json'));
    await lines(/prod: gone$/m);
    program.kill('SIGINT');
    const ended = await program.ended;
    assert.equal(ended.code, 130);
    assert.equal(ended.stderr, '');
    assert.equal(ended.stdout.trimEnd().split('\n').length, 3, ended.stdout);
    assertNoToken(ended.stdout);
    assert.match(ended.stdout, new RegExp(`^${localTime(Date.now() / 1000).slice(0, 10)} `));
  });

  test('--watch ends when its reader goes away', async t => {
    const home = await temporaryHome(t);
    await boundProfile(home, demo, 'prod', 'red-prod');
    const program = startProgram(['status', '--watch'], { env: home.env });
    await program.lines(/prod: no token/);
    program.closeStdout();
    await boundProfile(home, demo, 'other', 'red-lab');
    assert.equal((await program.ended).code, 0);
  });

  test('--watch on a terminal draws in place, and Ctrl+C leaves the table on the screen', async t => {
    const home = await temporaryHome(t);
    const profile = await boundProfile(home, demo, 'prod', 'red-prod');
    const terminal = openTerminal(t, {
      command: process.execPath,
      args: [cli, 'status', '--watch'],
      env: home.env,
      columns: 80,
      rows: 24,
    });
    await terminal.waitFor('none yet');
    await keepToken(home, demo, profile);
    await terminal.waitFor('good for');
    terminal.send('\u0003');
    assert.equal((await terminal.exit).code, 130);
    const screen = terminal.screen();
    assert.equal(screen.filter(line => line.startsWith('PROFILE')).length, 1, screen.join('\n'));
    assert.equal(screen.filter(line => line.startsWith('prod')).length, 1);
  });

  test('--watch and --json do not go together, and an unknown name is told', async t => {
    const home = await temporaryHome(t);
    assert.equal((await runProgram(['status', '--watch', '--json'], { env: home.env })).code, 2);
    await boundProfile(home, demo, 'prod', 'red-prod');
    const ended = await runProgram(['status', 'nowhere'], { env: home.env });
    assert.equal(ended.code, 2);
    assert.match(ended.stderr, /There is no profile "nowhere".*\nKnown: prod\./);
  });
});
