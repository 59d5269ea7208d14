import assert from 'node:assert/strict';
import fs from 'node:fs/promises';
import path from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import type { findingsDocument } from '../../source/check/report-json.ts';
import { edit } from '../../source/kubeconfig/edit.ts';
import { changeKubeconfigs } from '../../source/kubeconfig/write.ts';
import { konvoy, kubeconfig, oneUser, ours, token, twoUsers } from '../check/landscape.ts';
import { sarifFaults } from '../check/sarif-schema.ts';
import { adminCertificate } from '../helpers/admin-certificate.ts';
import { type Home, temporaryHome } from '../helpers/home.ts';
import { assertNoToken, assertPlain, assertRefused, contentsOf } from '../helpers/plain-output.ts';
import { type Ended, jsonOf, runProgram } from '../helpers/program.ts';

type Document = ReturnType<typeof findingsDocument>;

/** A token that is good now, told from others by its subject. */
const good = (sub: string) => {
  const seconds = Math.floor(Date.now() / 1000);
  return token({ sub, aud: sub, iat: seconds - 60, exp: seconds + 3600 });
};

async function put(home: Home, file: string, text: string, mode = 0o600): Promise<string> {
  const whole = home.path(file);
  await fs.mkdir(path.dirname(whole), { recursive: true, mode: 0o755 });
  await fs.writeFile(whole, text);
  await fs.chmod(whole, mode);
  return whole;
}

const run = (home: Home, args: readonly string[], env: Record<string, string> = {}) =>
  runProgram(['check', ...args], { env: { ...home.env, ...env } });

/** Codes by file, notes left out. */
async function found(home: Home, args: readonly string[], env: Record<string, string> = {}) {
  const ended = await run(home, [...args, '--json'], env);
  const { findings } = jsonOf<Document>(ended);
  const worse = findings.filter(({ severity }) => severity !== 'note');
  assert.equal(ended.code, worse.length > 0 ? 1 : 0, ended.stderr);
  return worse.map(({ code, file, line }) => `${code} ${path.basename(file)}:${line}`).sort();
}

describe('dkp-auth check', { concurrency: 4 }, () => {
  it('finds nothing where nothing is wrong: exit code 0 and one sentence', async t => {
    const home = await temporaryHome(t);
    const file = await put(home, 'a.yaml', twoUsers({ token: good('one') }, { token: good('other') }));
    const { code, stdout, stderr } = await run(home, [file]);
    assert.deepEqual([code, stdout, stderr], [0, 'Nothing was found in the file.\n', '']);
    const none = await run(home, []);
    assert.deepEqual([none.code, none.stdout], [0, 'There is no kubeconfig to look at.\n']);
  });

  it('looks at KUBECONFIG and the kubeconfigs of this program together, copies left out', async t => {
    const home = await temporaryHome(t);
    const own = good('one');
    const first = await put(home, 'first', oneUser({ token: own }));
    const copy = await put(home, 'first.dkp-auth.bak', oneUser({ token: own }, 'https://c.example'));
    await put(home, 'kube/b.yaml', oneUser({ token: own }, 'https://b.example'));
    await put(home, 'kube/b.yaml.bak', 'not: [yaml');
    await put(home, '.kube/config', oneUser(konvoy(), 'http://never.looked.at'));
    const env = { KUBECONFIG: [home.path('missing'), first, copy].join(':') };
    const { stdout } = await run(home, ['--json'], env);
    const { findings, files } = JSON.parse(stdout) as Document;
    assert.deepEqual(files, [first, home.path('kube', 'b.yaml')]);
    assert.deepEqual(
      findings.map(({ code, file }) => [code, file]),
      [
        ['SHARED_TOKEN', first],
        ['SHARED_AUDIENCE', first],
        ['SHARED_TOKEN', home.path('kube', 'b.yaml')],
        ['SHARED_AUDIENCE', home.path('kube', 'b.yaml')],
      ].toSorted(([one = ''], [other = '']) => other.localeCompare(one)),
    );
  });

  it('looks at ~/.kube/config where KUBECONFIG is not set', async t => {
    const home = await temporaryHome(t);
    await put(home, '.kube/config', oneUser({ token: good('a') }, 'http://a.example'));
    assert.deepEqual(await found(home, []), ['HTTP_SERVER config:3']);
    assert.deepEqual(await found(home, [], { KUBECONFIG: '' }), ['HTTP_SERVER config:3']);
  });

  it('tells of a file that cannot be read, with its place, and of what is wrong in the others', async t => {
    const home = await temporaryHome(t);
    const secret = good('secret');
    const broken = await put(home, 'broken.yaml', `users:\n- name: x\n  user: {token: ${secret}\n`);
    const list = await put(home, 'list.yaml', '- a\n');
    const folder = home.path('folder');
    await fs.mkdir(folder);
    const fine = await put(home, 'fine.yaml', oneUser({ token: good('a') }, 'http://a.example'));
    const args = [broken, list, folder, home.path('gone'), fine];
    assert.deepEqual(
      (await found(home, args)).map(each => each.replace(/broken.yaml:[34]/, 'broken.yaml:3')),
      [
        'FILE_UNREADABLE broken.yaml:3',
        'FILE_UNREADABLE folder:1',
        'FILE_UNREADABLE gone:1',
        'FILE_UNREADABLE list.yaml:1',
        'HTTP_SERVER fine.yaml:3',
      ],
    );
    const { stdout, stderr } = await run(home, args);
    assertNoToken(stdout, stderr);
  });

  it('tells of a kubeconfig that was emptied since it was changed, until undo has brought it back', async t => {
    const home = await temporaryHome(t);
    const file = await put(home, 'mine.yaml', kubeconfig({}));
    const before = await fs.readFile(file, 'utf8');
    const empty = await put(home, 'never-more.yaml', '');
    await changeKubeconfigs(
      [file],
      layouts => layouts.map(layout => edit(layout, [{ kind: 'current-context', name: 'elsewhere' }])),
      { paths: home.paths },
    );
    await fs.truncate(file, 0);
    assert.deepEqual(await found(home, [file, empty]), ['FILE_EMPTIED mine.yaml:1']);
    const { stdout } = await run(home, [file]);
    assertPlain(stdout);
    assert.match(stdout, /What it held before is in\s+"mine\.yaml\.dkp-auth-.+\.bak"/);
    const [, undo = ''] = /dkp-auth (undo \S+)$/m.exec(stdout) ?? [];
    assert.equal((await runProgram(undo.split(' '), { env: home.env })).code, 0);
    assert.equal(await fs.readFile(file, 'utf8'), before);
    assert.deepEqual(await found(home, [file, empty]), []);
  });

  it('compares whole files: one token in three files of different clusters, one file by two names', async t => {
    const home = await temporaryHome(t);
    const own = good('x');
    const a = await put(home, 'a', oneUser({ token: own }));
    const b = await put(home, 'b', oneUser({ token: own }, 'https://b.example'));
    await fs.symlink(a, home.path('link'));
    const all = [a, b, home.path('link')];
    const codes = (await found(home, all)).filter(each => each.startsWith('SHARED_TOKEN'));
    assert.deepEqual(codes, ['SHARED_TOKEN a:7', 'SHARED_TOKEN b:7']);
  });

  it('finds modes that let others read or write, of the kubeconfig and what it names', async t => {
    const home = await temporaryHome(t);
    await put(home, 'token', `${good('a')}\n`, 0o644);
    await put(home, 'key', 'x', 0o660);
    const user = { tokenFile: 'token', 'client-key': 'key' };
    const file = await put(home, 'a', oneUser(user), 0o622);
    const ended = await run(home, [file, '--json']);
    const severities = jsonOf<Document>(ended).findings.map(
      ({ code, severity, message }) => `${code} ${severity} ${/mode \d+/.exec(message)?.[0]}`,
    );
    assert.deepEqual(severities, [
      'LOOSE_MODE error mode 622',
      'LOOSE_MODE error mode 660',
      'LOOSE_MODE warning mode 644',
    ]);
    for (const each of ['a', 'token', 'key']) await fs.chmod(home.path(each), 0o600);
    assert.deepEqual(await found(home, [file]), []);
  });

  it('finds a token file that holds something else, and says nothing of what it holds', async t => {
    const home = await temporaryHome(t);
    await put(home, 'id_rsa', 'private words\n');
    const file = await put(home, 'a', oneUser({ tokenFile: 'id_rsa' }));
    assert.deepEqual(await found(home, [file]), ['NOT_A_TOKEN a:7']);
    assert.doesNotMatch((await run(home, [file])).stdout, /private words/);
  });

  it('finds equal tokens that the Konvoy plugin keeps', async t => {
    const home = await temporaryHome(t);
    const keep = (profile: string, own: string) =>
      put(home, `.kube/konvoy/tokens/${profile}/token`, JSON.stringify({ status: { token: own } }));
    const [one, other] = [good('one'), good('other')];
    await keep('a', one);
    await keep('b', other);
    assert.deepEqual(await found(home, []), []);
    await keep('c', one);
    const { stdout, code } = await run(home, []);
    assert.equal(code, 1);
    assert.match(stdout, /^\S+\/tokens\/a\/token:1: error EQUAL_KONVOY_TOKENS\n/);
    assert.match(stdout, /rm \S+\/tokens\/c\/token\n/);
    assertNoToken(stdout);
  });

  describe('finds a plugin', () => {
    const plugin = (command: string) => oneUser({ exec: { command } });
    async function installed(t: TestContext) {
      const home = await temporaryHome(t);
      const file = await put(home, 'bin/plugin', '#!/bin/sh\n', 0o755);
      return { home, file, folder: path.dirname(file) };
    }

    it('that is where it should be: nothing', async t => {
      const { home, file } = await installed(t);
      assert.deepEqual(await found(home, [await put(home, 'a', plugin(file))]), []);
    });

    it('that is not there, or cannot be run', async t => {
      const { home, file } = await installed(t);
      const config = await put(home, 'a', plugin(`${file}-gone`));
      assert.deepEqual(await found(home, [config]), ['EXEC_MISSING a:7']);
      await fs.chmod(file, 0o644);
      assert.deepEqual(await found(home, [await put(home, 'a', plugin(file))]), ['EXEC_MISSING a:7']);
    });

    it('by PATH, and by a path relative to the kubeconfig', async t => {
      const { home, folder } = await installed(t);
      const bare = await put(home, 'a', plugin('plugin'));
      assert.deepEqual(await found(home, [bare], { PATH: '/nowhere' }), ['EXEC_MISSING a:7']);
      const inPath = await run(home, [bare, '--json'], { PATH: folder });
      assert.deepEqual(
        jsonOf<Document>(inPath).findings.map(({ code, severity }) => [code, severity]),
        [['EXEC_RELATIVE', 'note']],
      );
      const relative = await put(home, 'a', plugin('./bin/plugin'));
      assert.deepEqual(await found(home, [relative]), ['EXEC_RELATIVE a:7']);
    });

    const loosen: Record<string, (folder: string, file: string) => Promise<unknown>> = {
      'itself writable': (_, file) => fs.chmod(file, 0o777),
      'in a writable folder': folder => fs.chmod(folder, 0o777),
      'in a sticky writable folder': folder => fs.chmod(folder, 0o1777),
      'below a writable folder': folder => fs.chmod(path.dirname(folder), 0o777),
    };
    for (const [how, change] of Object.entries(loosen)) {
      it(how, async t => {
        const { home, file, folder } = await installed(t);
        await change(folder, file);
        assert.deepEqual(await found(home, [await put(home, 'a', plugin(file))]), ['EXEC_WRITABLE a:7']);
      });
    }

    it('through a link out of a writable folder, and by a PATH that begins with one', async t => {
      const { home, file, folder } = await installed(t);
      const loose = home.path('loose');
      await fs.mkdir(loose);
      await fs.symlink(file, path.join(loose, 'link'));
      await fs.chmod(loose, 0o777);
      const linked = await put(home, 'a', plugin(path.join(loose, 'link')));
      assert.deepEqual(await found(home, [linked]), ['EXEC_WRITABLE a:7']);
      const bare = await put(home, 'a', plugin('plugin'));
      assert.deepEqual(await found(home, [bare], { PATH: `${loose}:${folder}` }), ['EXEC_WRITABLE a:7']);
      assert.deepEqual(await found(home, [bare], { PATH: `${folder}:${loose}` }), []);
    });

    it('that belongs to another user', { skip: process.getuid?.() !== 0 }, async t => {
      const { home, file, folder } = await installed(t);
      await fs.chown(folder, 4242, 0);
      assert.deepEqual(await found(home, [await put(home, 'a', plugin(file))]), ['EXEC_WRITABLE a:7']);
    });

    it('and, in a user without one, the certificate of an administrator', async t => {
      const home = await temporaryHome(t);
      const data = { 'client-certificate-data': Buffer.from(adminCertificate).toString('base64') };
      assert.deepEqual(await found(home, [await put(home, 'a', oneUser(data))]), ['ADMIN_CERTIFICATE a:7']);
      await put(home, 'admin.pem', adminCertificate);
      const named = await put(home, 'b', oneUser({ 'client-certificate': 'admin.pem' }));
      assert.deepEqual(await found(home, [named]), ['ADMIN_CERTIFICATE b:7']);
      const other = { 'client-certificate-data': Buffer.from('rubbish').toString('base64') };
      assert.deepEqual(await found(home, [await put(home, 'c', oneUser(other))]), []);
    });
  });

  it('prints no token, key or password, and nothing that a terminal would obey, in any form', async t => {
    const home = await temporaryHome(t);
    const name = 'evil\u001b[2J\u202e';
    const secret = good('kube-apiserver');
    const users = {
      [name]: { token: secret, password: 'hunter2hunter2', username: name },
      other: { token: secret, 'client-key-data': 'a2V5a2V5a2V5' },
    };
    const text = kubeconfig({
      clusters: { [name]: { server: 'http://a.example', 'insecure-skip-tls-verify': true }, b: 'https://b' },
      contexts: { [name]: [name, name], b: ['b', name], c: ['b', 'other'] },
      users,
      current: name.repeat(2),
    });
    const file = await put(home, 'a\u001b[2J', text, 0o644);
    for (const form of [[], ['--json'], ['--sarif'], ['--fix', '--dry-run']]) {
      const { stdout, stderr } = await run(home, [file, ...form]);
      assertNoToken(stdout, stderr);
      for (const each of ['hunter2', 'a2V5a2V5']) assert.ok(!stdout.includes(each), `${form}: ${each}`);
      assert.doesNotMatch(stdout + stderr, /\u001b|\u202e/);
      if (form.length === 0) assertPlain(stdout + stderr);
    }
  });

  it('gives JSON with stable names', async t => {
    const home = await temporaryHome(t);
    const own = good('x');
    const file = await put(home, 'a', twoUsers({ token: own }, { token: own }));
    const { findings, counts, files } = jsonOf<Document>(await run(home, [file, '--json']));
    assert.deepEqual([files, counts], [[file], { error: 2, warning: 2, note: 0 }]);
    assert.deepEqual(findings[0], {
      code: 'SHARED_TOKEN',
      severity: 'error',
      file,
      line: 9,
      subject: 'user "one"',
      message:
        'The user "one" (https://a.example) holds the same token as the user "other" (https://b.example).',
      risk: findings[0]?.risk,
      fix: findings[0]?.fix,
      command: null,
      related: [{ file, line: 10, what: 'user "other"' }],
    });
  });

  it('gives SARIF that is valid, and the same at every run', async t => {
    const home = await temporaryHome(t);
    const file = await put(home, 'a', twoUsers(konvoy(), konvoy()), 0o644);
    const [first, second] = await Promise.all([run(home, [file, '--sarif']), run(home, [file, '--sarif'])]);
    assert.equal(first.code, 1);
    assert.equal(first.stdout, second.stdout);
    assert.deepEqual(sarifFaults(JSON.parse(first.stdout)), []);
    const clean = await run(home, ['--sarif']);
    assert.equal(clean.code, 0);
    assert.deepEqual(sarifFaults(JSON.parse(clean.stdout)), []);
  });

  it('says on stderr how much it found', async t => {
    const home = await temporaryHome(t);
    const file = await put(home, 'a', oneUser({ token: good('a') }, 'http://a.example'));
    const { code, stdout, stderr } = await run(home, [file]);
    assert.equal(code, 1);
    assert.match(stdout, /^\/\S+\/a:3: error HTTP_SERVER\n/);
    assert.equal(stderr, 'dkp-auth: Found 1 error in one file.\n');
  });

  const wrong: Record<string, string[]> = {
    '--json with --sarif': ['--json', '--sarif'],
    '--sarif with --fix': ['--sarif', '--fix'],
    '--yes without --fix': ['--yes'],
    '--dry-run without --fix': ['--dry-run'],
    'a flag that is none': ['--repair'],
  };
  for (const [what, args] of Object.entries(wrong)) {
    it(`takes ${what} for wrong usage`, async t => {
      const ended = await run(await temporaryHome(t), args);
      assert.equal(ended.code, 2, ended.stderr);
    });
  }

  it('changes nothing but with --fix', async t => {
    const home = await temporaryHome(t);
    const file = await put(home, 'a', oneUser(ours('p', {})), 0o644);
    const kept = await contentsOf(home);
    for (const args of [[file], [file, '--json'], [file, '--fix', '--dry-run'], [file, '--fix']]) {
      await run(home, args);
      assert.deepEqual(await contentsOf(home), kept, args.join(' '));
    }
    assert.equal(await home.mode('a'), '644');
    const asked: Ended = await run(home, [file, '--fix']);
    assertRefused(asked, { exit: 2, message: /Nobody can be asked/, hint: /--yes .* --dry-run/ });
  });
});
