import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { demoForTests } from '../demo/helpers.ts';
import { temporaryHome } from '../helpers/home.ts';
import { assertPlain, assertRefused, contentsOf } from '../helpers/plain-output.ts';
import { loginArguments } from '../helpers/portal-login.ts';
import { jsonOf, runProgram } from '../helpers/program.ts';

/** Every way to speak to a terminal instead of to its reader. */
const tricks = {
  colour: '\u001b[31m',
  'cursor moves': '\u001b[2A\u001b[2K',
  'window title': '\u001b]0;evil\u0007',
  link: '\u001b]8;;http://evil.example\u001b\\',
  'clipboard write': '\u001b]52;c;ZXZpbA==\u0007',
  'device control string': '\u001bP+q544e\u001b\\',
  'private message': '\u001b^evil\u001b\\\u001b_evil\u001b\\',
  'eight-bit controls': '\u009b31m\u009d0;evil\u009c\u0090x\u009c',
  'line ends': 'x\r\ny\n\u2028\u2029\u0085\u000b\u000c',
  'backspaces and bells': 'x\b\u0007\u007f\u0000',
  'bidirectional marks': '\u202ex\u202d\u2066\u2069\u200f\u061c',
  'zero-width characters': 'a\u200b\u200c\u200d\u2060\ufeff\u00ad\u180e',
  'tag characters': '\u{e0041}\u{e0001}',
  'an escape cut off': 'x\u001b[',
};
const all = Object.values(tricks).join('');

describe('what a portal calls things reaches the terminal as text only', async () => {
  const demo = await demoForTests();
  const list = (name: (cluster: string) => string) => {
    const clusters = demo.document.clusters.map(each => ({
      name: name(each.name),
      clusterHostname: each.clusterHostname,
      ca: '',
    }));
    const body = JSON.stringify([{ name: all, url: demo.document.issuer, clusters }]);
    demo.faults.clear();
    demo.faults.set('providers', { body });
  };
  const run = async (test: Parameters<typeof temporaryHome>[0], ...more: string[]) => {
    const home = await temporaryHome(test);
    const ended = await runProgram(loginArguments(demo, ...more), { env: home.env });
    assertPlain(ended.stdout, 'stdout');
    assertPlain(ended.stderr, 'stderr');
    return { ...ended, files: await contentsOf(home) };
  };

  it('cluster names in the list of what there is', async test => {
    const { clusters } = demo.document;
    for (let first = 0; first < Object.keys(tricks).length; first += clusters.length) {
      const some = Object.values(tricks).slice(first, first + clusters.length);
      const of = (name: string) => some[clusters.findIndex(cluster => cluster.name === name)] ?? '';
      list(name => `${name}${of(name)}`);
      const ended = await run(test, '--cluster', 'nowhere', '--dry-run', '--yes');
      assertRefused(ended, { exit: 2, message: /no cluster "nowhere"/, hint: /It has: kubernetes-cluster/ });
      assert.deepEqual(ended.files, {});
    }
  });

  it('cluster names in the list of missing flags', async test => {
    list(name => `${name}${all}`);
    const ended = await run(test, '--method', '2');
    assertRefused(ended, {
      exit: 2,
      message: /still to be answered/,
      hint: /--cluster NAME {2}of kubernetes/,
    });
  });

  it('cluster names in the result, in both its forms, and in every file', async test => {
    list(name => `${name}${all}`);
    const later = ['--all-clusters', '--sign-in-later', '--yes', '--method', '2'];
    const text = await run(test, ...later);
    assert.equal(text.code, 0, text.stderr);
    const json = await run(test, ...later, '--json');
    assert.equal(jsonOf<{ profiles: unknown[] }>(json).profiles.length, 5);
    for (const [file, content] of Object.entries(json.files)) {
      assertPlain(file);
      assertPlain(content.replaceAll('\t', ' '), file);
    }
    assert.ok(Object.keys(json.files).length > 5);
  });

  it('cluster names of nothing but invisible characters', async test => {
    list(() => '\u200b\u202e\u001b[0m');
    const ended = await run(test, '--all-clusters', '--sign-in-later', '--yes', '--method', '1');
    assert.equal(ended.code, 0, ended.stderr);
    assert.match(ended.stdout, /-> red-prod\.dkp\.example \(https:/);
  });

  it('names of identity providers', async test => {
    demo.faults.clear();
    demo.faults.set('names', 'hostile');
    const ended = await run(test, '--cluster', 'kubernetes-cluster', '--yes');
    assertRefused(ended, {
      exit: 2,
      message: /still to be answered/,
      hint: /corporate \(Corporate Directory/,
    });
    const unknown = await run(test, '--cluster', 'kubernetes-cluster', '--yes', '--idp', 'nobody');
    assertRefused(unknown, { exit: 2, message: /no identity provider "nobody"/, hint: /GitHub/ });
  });

  it('an address that it sends people to instead', async test => {
    demo.faults.clear();
    const location = 'http://evil.example/\u009b31m\u0085\u00ad%1b[31m';
    demo.faults.set('providers', { status: 302, headers: { location } });
    const ended = await run(test, '--all-clusters', '--yes');
    assertRefused(ended, { exit: 1, message: /sends elsewhere: http:\/\/evil\.example\// });
  });

  it('an address to sign in at', async test => {
    demo.faults.clear();
    const authURL = `https://127.0.0.1/${all}`;
    demo.faults.set('start', { status: 201, body: JSON.stringify({ authURL, hmac: 'x', ttl: 300 }) });
    const ended = await run(test, '--all-clusters', '--yes');
    assertRefused(ended, { exit: 1, message: /not an https address/, hint: /Nothing was opened/ });
  });

  it('a host or an issuer', async test => {
    const url = `https://127.0.0.1/\u202e${all}`;
    const listed = { name: `x${all}`, clusterHostname: `kubernetes-cluster${all}`, ca: '' };
    demo.faults.clear();
    demo.faults.set('providers', { body: JSON.stringify([{ url, clusters: [listed] }]) });
    const ended = await run(test, '--all-clusters', '--yes');
    assertRefused(ended, { exit: 1, message: /no cluster that can be used/, hint: /^x.*https address/ });
  });
});

it('what a person typed is repeated as text only', async test => {
  const home = await temporaryHome(test);
  const given = [
    ['login', `--cluster${tricks.colour}`],
    ['login', 'https://dkp.example.com/token/landing/', '--sign-in', tricks['clipboard write']],
    ['login', `https://dkp.example.com/token/landing/${tricks['bidirectional marks']}`],
    ['login', 'https://dkp.example.com/', '--method', tricks['eight-bit controls']],
    ['login', 'dkp.example.com', '--profile', `x${all}`],
    ['token', '--profile', `x${tricks.link}`],
    [`${tricks['device control string']}login`],
  ];
  const run = async (args: readonly string[]) => {
    const arguments_ = args.map(arg => arg.replaceAll('\u0000', ''));
    const { code, stdout, stderr } = await runProgram(arguments_, { env: home.env });
    assert.equal(code, 2, stderr);
    assertPlain(stdout);
    assertPlain(stderr);
  };
  await Promise.all(given.flatMap(args => [run(args), run([...args, '--json'])]));
});
