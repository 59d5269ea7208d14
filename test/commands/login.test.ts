import assert from 'node:assert/strict';
import fs from 'node:fs/promises';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { createAuthority } from '../../source/demo/certificates.ts';
import { type Demo, startDemo } from '../../source/demo/index.ts';
import { readCertificates } from '../../source/system/certificates.ts';
import { displayFingerprint } from '../../source/system/fingerprint.ts';
import { type Home, temporaryHome } from '../helpers/home.ts';
import type { ErrorDocument, LoginDocument } from '../helpers/login-document.ts';
import { assertRefused, contentsOf } from '../helpers/plain-output.ts';
import { loginArguments, smallestPortal } from '../helpers/portal-login.ts';
import { jsonOf, runProgram, startProgram } from '../helpers/program.ts';

const fingerprintOf = (pem: string) => readCertificates(pem, 'test')[0]?.fingerprint ?? '';
const later = '--sign-in-later';
const one = (name: string, cluster = 'kubernetes-cluster') => [
  ...['--cluster', cluster, '--profile', name, '--method', '2', later],
];

describe('dkp-auth login by flags, where nobody signs in', { concurrency: 4 }, () => {
  let demo: Demo;
  before(async () => {
    demo = await startDemo();
  });
  after(() => demo.close());

  const login = (home: Home, ...args: string[]) =>
    runProgram(loginArguments(demo, ...args), { env: home.env });
  const bare = (home: Home, ...args: string[]) => runProgram(['login', ...args], { env: home.env });
  /** A login that is refused and leaves the home as it was. */
  async function refused(home: Home, args: readonly string[], expected: Parameters<typeof assertRefused>[1]) {
    const kept = await contentsOf(home);
    const ended = await runProgram(args, { env: home.env });
    assertRefused(ended, expected);
    assert.equal(ended.stdout, '');
    assert.deepEqual(await contentsOf(home), kept);
    return ended;
  }

  it('names the login link where there is none', async t => {
    const home = await temporaryHome(t);
    await refused(home, ['login', '--yes'], {
      exit: 2,
      message: /still to be answered/,
      hint: /^ {2}LOGIN-LINK {2}/m,
    });
  });

  it('names --trust with the fingerprint, and --ca-file, where nobody vouches for the certificate', async t => {
    const home = await temporaryHome(t);
    const fingerprint = displayFingerprint(fingerprintOf(demo.document.ca));
    await refused(home, ['login', demo.document.loginLinks.global, '--yes'], {
      exit: 2,
      message: /still to be answered/,
      hint: new RegExp(`^ {2}--trust ${fingerprint} {2}.*--ca-file FILE`, 'm'),
    });
  });

  it('names every flag that is missing, with what there is to choose from', async t => {
    const home = await temporaryHome(t);
    const { stderr } = await refused(home, loginArguments(demo), {
      exit: 2,
      message: /still to be answered/,
    });
    for (const flag of [
      /^ {2}--cluster NAME {2}of .*red-prod.*; or --all-clusters$/m,
      /^ {2}--method 1\|2\|token {2}/m,
      /^ {2}--idp ID {2}of corporate \(Corporate Directory\), github \(GitHub\)$/m,
      /^ {2}--profile CLUSTER=NAME {2}/m,
    ])
      assert.match(stderr, flag);
  });

  it('names the profile of each chosen cluster that has none', async t => {
    const home = await temporaryHome(t);
    const args = loginArguments(
      demo,
      '--cluster',
      'red-lab',
      '--cluster',
      'blue-prod',
      '--method',
      '1',
      later,
    );
    const two = await refused(home, args, { exit: 2, message: /still to be answered/ });
    assert.match(two.stderr, /^ {2}--profile red-lab=NAME {2}.*\n {2}--profile blue-prod=NAME {2}/m);
    const rest = await refused(home, [...args, '--profile', 'red-lab=x'], { exit: 2, message: /answered/ });
    assert.doesNotMatch(rest.stderr, /--profile red-lab/);
    const single = loginArguments(demo, '--cluster', 'red-lab', '--method', '1', later);
    await refused(home, single, { exit: 2, message: /answered/, hint: /^ {2}--profile NAME {2}/m });
  });

  it('asks for the clusters also where a profile says which it is for', async t => {
    const home = await temporaryHome(t);
    await refused(home, loginArguments(demo, '--profile', 'red-lab=x', '--method', '1', later), {
      exit: 2,
      message: /still to be answered/,
      hint: /^ {2}--cluster NAME {2}of .*red-lab/m,
    });
  });

  it('says the same in one JSON document', async t => {
    const home = await temporaryHome(t);
    const ended = await login(home, later, '--json');
    assert.equal(ended.code, 2);
    const { error } = jsonOf<ErrorDocument>(ended);
    assert.equal(error.code, 'MISSING_ANSWERS');
    for (const flag of ['--cluster', '--method', '--profile'])
      assert.ok(error.hint?.includes(`\n  ${flag} `), flag);
    assert.deepEqual(await home.files(), []);
  });

  it('does not wait for anybody where there is no terminal', async t => {
    const home = await temporaryHome(t);
    const program = startProgram(['login'], { env: home.env, input: 'open' });
    assert.equal((await program.ended).code, 2);
  });

  it('refuses answers that contradict each other or make no sense', async t => {
    const home = await temporaryHome(t);
    const wrong: [string[], RegExp][] = [
      [['--cluster', 'a', '--all-clusters'], /--cluster and --all-clusters do not go together/],
      [['--sign-in-now', '--sign-in-later'], /--sign-in-now and --sign-in-later do not go together/],
      [['--method', '3'], /--method takes 1, 2 or token; "3" is none/],
      [['--sign-in', 'telepathy'], /--sign-in takes auto, .*"telepathy" is none/],
      [['--profile', 'a', '--profile', 'b'], /can be given once/],
      [['--profile', 'a', '--profile', 'x=b'], /do not go together/],
      [['--profile', 'x=a', '--profile', 'x=b'], /the cluster "x" two names/],
      [['--profile', 'Prod'], /The profile name "Prod"/],
      [['--profile', 'x=../y'], /The profile name "\.\.\/y"/],
      [['--set-current', '-'], /The profile name "-"/],
      [['surplus'], /argument/],
    ];
    await Promise.all(
      wrong.map(async ([args, message]) => {
        const ended = await bare(home, 'dkp.example.com', ...args);
        assert.equal(ended.code, 2, ended.stderr);
        assert.match(ended.stderr, message);
        assert.equal(ended.stdout, '');
      }),
    );
    assert.deepEqual(await home.files(), []);
  });

  it('refuses what the portal does not have, and says what it has', async t => {
    const home = await temporaryHome(t);
    await refused(home, loginArguments(demo, ...one('x', 'green')), {
      exit: 2,
      message: /no cluster "green"/,
      hint: /red-prod/,
    });
    await refused(home, loginArguments(demo, ...one('x'), '--idp', 'saml'), {
      exit: 2,
      message: /no identity provider "saml"/,
      hint: /corporate \(Corporate Directory\)/,
    });
  });

  it('refuses --set-current for a context that it does not write', async t => {
    const home = await temporaryHome(t);
    await refused(home, loginArguments(demo, ...one('x'), '--set-current', 'stage'), {
      exit: 2,
      message: /--set-current stage/,
      hint: /x/,
    });
  });

  it('writes nothing at a dry run, not even a folder, and says what it would write', async t => {
    const home = await temporaryHome(t);
    const args = [
      '--cluster',
      'red-lab',
      '--cluster',
      'blue-prod',
      '--method',
      '2',
      '--yes',
      later,
      '--dry-run',
    ];
    const text = await login(home, ...args);
    assert.equal(text.code, 0, text.stderr);
    assert.match(
      text.stdout,
      /^Nothing was changed\. This would be written:\n {2}~\/kube\/red-lab\.yaml \(new;/,
    );
    assert.match(text.stdout, /^ {2}blue-prod -> blue-prod \(https:\/\/127\.0\.0\.1:\d+\)$/m);
    const document = jsonOf<LoginDocument & { dryRun: boolean }>(await login(home, ...args, '--json'));
    assert.equal(document.dryRun, true);
    assert.deepEqual(
      document.files.map(({ path: file, action }) => [file, action]),
      ['red-lab', 'blue-prod'].map(name => [home.path('kube', `${name}.yaml`), 'create']),
    );
    assert.deepEqual(await fs.readdir(home.folder), []);
  });

  it('refuses a profile name that another cluster has, names that cluster and writes nothing', async t => {
    const home = await temporaryHome(t);
    assert.equal((await login(home, ...one('prod'))).code, 0);
    const args = loginArguments(demo, ...one('prod', 'red-lab'));
    await refused(home, args, {
      exit: 4,
      message: /"prod" is taken by the cluster kubernetes-cluster \(https:.*\/dkp\/api-server\)/,
      hint: /A profile serves one cluster, always/,
    });
    const ended = await runProgram([...args, '--json'], { env: home.env });
    assert.deepEqual([ended.code, jsonOf<ErrorDocument>(ended).error.code], [4, 'PROFILE_TAKEN']);
  });

  it('refuses one name for two clusters of the same login', async t => {
    const home = await temporaryHome(t);
    const clusters = ['--cluster', 'red-lab', '--cluster', 'blue-prod', '--method', '1', later];
    await refused(
      home,
      loginArguments(demo, ...clusters, '--profile', 'red-lab=x', '--profile', 'blue-prod=x'),
      {
        exit: 4,
        message: /the name "x" to two clusters/,
      },
    );
    await refused(home, loginArguments(demo, ...clusters, '--profile', 'x'), {
      exit: 2,
      message: /--profile x is one name, but 2 clusters/,
      hint: /CLUSTER=NAME/,
    });
  });

  it('gives another cluster of the same portal a free name where it may propose one', async t => {
    const home = await temporaryHome(t);
    await login(home, ...one('red-lab', 'blue-prod'));
    const ended = await login(home, '--cluster', 'red-lab', '--yes', later, '--json');
    const [profile] = jsonOf<LoginDocument>(ended).profiles;
    assert.notEqual(profile?.name, 'red-lab');
    assert.match(profile?.name ?? '', /^red-lab/);
    const again = jsonOf<LoginDocument>(await login(home, '--cluster', 'red-lab', '--yes', later, '--json'));
    assert.equal(again.profiles[0]?.name, profile?.name);
  });

  it('takes --ca-file, and refuses a file that is missing, holds none or is not the right one', async t => {
    const home = await temporaryHome(t);
    const link = demo.document.loginLinks.global;
    const file = (name: string) => home.path(name);
    await fs.writeFile(file('empty.pem'), 'nothing');
    await fs.writeFile(file('other.pem'), createAuthority('Other').pem);
    const wrong: [string, number, RegExp][] = [
      ['missing.pem', 2, /missing\.pem does not exist/],
      ['empty.pem', 2, /empty\.pem holds no PEM certificate/],
      ['other.pem', 1, /certificate of 127\.0\.0\.1:\d+ is not one to trust.*\n.*--ca-file/],
    ];
    for (const [name, exit, message] of wrong) {
      const ended = await bare(home, link, ...one('x'), '--ca-file', file(name));
      assert.equal(ended.code, exit, ended.stderr);
      assert.match(ended.stderr, message);
    }
    assert.deepEqual(await home.files(), ['empty.pem', 'other.pem']);
    await fs.writeFile(file('right.pem'), demo.document.ca);
    const ended = await bare(home, link, ...one('x'), '--ca-file', '~/right.pem');
    assert.equal(ended.code, 0, ended.stderr);
  });

  it('takes --trust, refuses another certificate than the one named, and remembers what was trusted', async t => {
    const home = await temporaryHome(t);
    const link = demo.document.loginLinks.global;
    const wrong = fingerprintOf(createAuthority('Other').pem);
    const right = fingerprintOf(demo.document.ca);
    await refused(home, ['login', link, ...one('x'), '--trust', wrong], {
      exit: 4,
      message: /has another certificate than the one given by --trust/,
      hint: new RegExp(displayFingerprint(right)),
    });
    const rubbish = await bare(home, link, ...one('x'), '--trust', 'yes');
    assert.equal(rubbish.code, 2);
    assert.match(rubbish.stderr, /64 hexadecimal digits/);
    assert.equal((await bare(home, link, ...one('x'), '--trust', right)).code, 0);
    const remembered = await bare(
      home,
      demo.document.loginLinks.workspaces['team-red'] ?? '',
      ...one('y', 'red-lab'),
    );
    assert.equal(remembered.code, 0, remembered.stderr);
    const profile = JSON.parse(await fs.readFile(path.join(home.paths.profiles, 'y.json'), 'utf8'));
    assert.equal(fingerprintOf(profile.portal.ca), right);
  });

  it('refuses a portal that no longer has the certificate that was trusted', async t => {
    const home = await temporaryHome(t);
    const first = await startDemo(smallestPortal);
    const { port, loginLinks, caFile } = first.document;
    const kept = await bare(home, loginLinks.global, ...one('x'), '--ca-file', caFile);
    await first.close();
    assert.equal(kept.code, 0, kept.stderr);
    const second = await startDemo({ ...smallestPortal, port });
    t.after(() => second.close());
    second.forgetRequests();
    await refused(home, ['login', loginLinks.global, ...one('x')], {
      exit: 4,
      message: /no longer has the certificate you trusted/,
      hint: /--ca-file or --trust/,
    });
    assert.deepEqual(second.requests, []);
    const renewed = await bare(home, loginLinks.global, ...one('y'), '--ca-file', second.document.caFile);
    assert.equal(renewed.code, 0, renewed.stderr);
  });
});
