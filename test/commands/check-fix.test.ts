import assert from 'node:assert/strict';
import fs from 'node:fs/promises';
import path from 'node:path';
import { after, before, describe, it, type TestContext } from 'node:test';
import { parse } from 'yaml';
import type { fixDocument } from '../../source/check/fix/report.ts';
import type { findingsDocument } from '../../source/check/report-json.ts';
import { type Demo, startDemo } from '../../source/demo/index.ts';
import { readKubeconfig } from '../../source/kubeconfig/read.ts';
import type { Profile } from '../../source/profiles/profile.ts';
import { listProfiles } from '../../source/profiles/registry.ts';
import { boundProfile } from '../helpers/bound-profile.ts';
import { download } from '../helpers/handed-out.ts';
import { type Home, temporaryHome } from '../helpers/home.ts';
import { assertNoToken, assertPlain, assertRefused, contentsOf } from '../helpers/plain-output.ts';
import { cli, type Ended, jsonOf, runProgram } from '../helpers/program.ts';
import { openTerminal } from '../terminal/harness/terminal.ts';

type Document = ReturnType<typeof findingsDocument> & { readonly fix: ReturnType<typeof fixDocument> };

const clusters = ['kubernetes-cluster', 'red-lab', 'blue-prod', 'blue-edge'];

describe('dkp-auth check --fix', { concurrency: 4 }, () => {
  let demo: Demo;
  before(async () => {
    // Without the one cluster that has an audience of its own: to see how it differs, a login has to be begun.
    demo = await startDemo({ only: { clusters } });
  });
  after(() => demo.close());

  const fix = (home: Home, ...args: string[]) => runProgram(['check', '--fix', ...args], { env: home.env });
  const codes = ({ stdout }: Ended) =>
    (JSON.parse(stdout) as Document).findings
      .filter(({ severity }) => severity !== 'note')
      .map(({ code }) => code);

  async function entriesOf(file: string) {
    const { entries, currentContext } = readKubeconfig(await fs.readFile(file, 'utf8'), file);
    const of = (section: string) => entries.filter(entry => entry.section === section);
    return { contexts: of('contexts'), users: of('users'), clusters: of('clusters'), currentContext };
  }

  /** A run that leaves every file as it was. */
  async function leavesAll(home: Home, args: readonly string[]): Promise<Ended> {
    const kept = await contentsOf(home);
    const ended = await fix(home, ...args);
    assert.deepEqual(await contentsOf(home), kept, ended.stderr);
    return ended;
  }

  it('gives each cluster of the download a profile and a user of its own', async t => {
    const home = await temporaryHome(t);
    const file = await download(demo, home);
    const before = await fs.readFile(file, 'utf8');
    const old = await entriesOf(file);
    const ended = await fix(home, '--yes', '--json', file);
    assert.equal(ended.code, 0, ended.stderr);
    const document = jsonOf<Document>(ended);
    const [changed] = document.fix.files;
    assert.deepEqual(
      changed?.profiles.map(({ name, server }) => [name, server]),
      clusters.map(name => [name, demo.cluster(name).server]),
    );

    const { contexts, users, clusters: kept, currentContext } = await entriesOf(file);
    const names = (list: readonly { readonly name: string }[]) => list.map(({ name }) => name);
    assert.deepEqual(names(contexts), names(old.contexts));
    assert.deepEqual(currentContext?.name, old.currentContext?.name);
    assert.deepEqual(
      kept.map(({ content }) => content),
      old.clusters.map(({ content }) => content),
    );
    assert.deepEqual(names(users), clusters);
    assert.deepEqual(
      contexts.map(({ content }) => content['user']),
      clusters,
    );
    for (const { name, content } of users) {
      const { command, args, provideClusterInfo } = content['exec'] as Record<string, unknown>;
      assert.deepEqual([args, provideClusterInfo], [['--profile', name], true]);
      assert.ok(path.isAbsolute(String(command)));
    }

    assert.equal(await home.mode('platform.yaml'), '600');
    assert.equal(await fs.readFile(changed?.backup ?? '', 'utf8'), before);
    const profiles = new Map<string, Profile>(
      (await listProfiles(home.paths)).map(profile => [profile.name, profile]),
    );
    assert.deepEqual([...profiles.keys()].sort(), clusters.toSorted());
    for (const name of clusters) {
      const profile = profiles.get(name);
      assert.equal(profile?.cluster.server, demo.cluster(name).server);
      assert.equal(profile?.issuer, demo.document.issuer);
      assert.equal(profile?.portal.loginLink, demo.document.loginLinks.global);
      assert.deepEqual(profile?.kubeconfigs, [file]);
    }
  });

  it("signs in at a cluster's own page where the portal's tokens do not fit", async t => {
    const home = await temporaryHome(t);
    const own = await startDemo({ only: { clusters: ['kubernetes-cluster', 'red-prod'] } });
    t.after(() => own.close());
    const file = await download(own, home);
    assert.equal((await fix(home, '--yes', file)).code, 0);
    const ways = (await listProfiles(home.paths)).map(({ name, signIn }) => [name, signIn]);
    assert.deepEqual(ways, [
      ['kubernetes-cluster', 'portal'],
      ['red-prod', 'page'],
    ]);
  });

  it('run again changes nothing', async t => {
    const home = await temporaryHome(t);
    const file = await download(demo, home);
    assert.equal((await fix(home, '--yes', file)).code, 0);
    const { code, stdout } = await leavesAll(home, ['--yes', file, '--json']);
    assert.equal(code, 0);
    assert.deepEqual((JSON.parse(stdout) as Document).fix.files, []);
  });

  it('shows the change first, as a diff without secrets, and with --dry-run only that', async t => {
    const home = await temporaryHome(t);
    const file = await download(demo, home, {
      edit: text => `${text}- name: other\n  user:\n    token: eyJhbGciOiJSUzI1NiJ9.e30.c2lnbmF0dXJl\n`,
    });
    const { code, stdout, stderr } = await leavesAll(home, ['--dry-run', file]);
    assert.deepEqual([code, stderr], [0, '']);
    assert.match(stdout, /^--- \S+platform\.yaml\t?\n\+\+\+ \S+platform\.yaml\t?\n@@ /);
    assert.match(stdout, /^- {4}user: default-profile\n\+ {4}user: kubernetes-cluster$/m);
    assert.match(
      stdout,
      /^Portal https:\/\/127\.0\.0\.1:\d+\/token\/landing\/, trusting the certificate SHA-256$/m,
    );
    assert.match(stdout, /mode 644 becomes 600/);
    assertNoToken(stdout);
    assertPlain(stdout);
    const json = await leavesAll(home, ['--dry-run', '--json', file]);
    const { dryRun, files } = jsonOf<Document>(json).fix;
    assert.deepEqual([dryRun, files[0]?.changed], [true, false]);
    assertNoToken(json.stdout);
  });

  it('takes other names where a profile or a user has them, and the profile that a cluster has', async t => {
    const home = await temporaryHome(t);
    await boundProfile(home, demo, 'red-lab', 'kubernetes-cluster', {
      portal: { loginLink: 'https://another.example/token/landing/' },
    });
    await boundProfile(home, demo, 'mine', 'blue-prod');
    const file = await download(demo, home, {
      edit: text => `${text}- name: Blue-Edge\n  user:\n    username: x\n    password: y\n`,
    });
    const ended = await fix(home, '--yes', '--json', file);
    assert.equal(ended.code, 0, ended.stderr);
    assert.deepEqual(
      jsonOf<Document>(ended).fix.files[0]?.profiles.map(({ name }) => name),
      ['kubernetes-cluster', 'red-lab-2', 'mine', 'blue-edge-2'],
    );
  });

  it('leaves everything else in the file byte for byte', async t => {
    const home = await temporaryHome(t);
    const extra = '# mine\n- name: "other"   # kept\n  user: {token: "x"}\n';
    const file = await download(demo, home, {
      edit: text => `# from the platform\n${text}${extra}my-field: [1,   2]\n`,
    });
    assert.equal((await fix(home, '--yes', file)).code, 0);
    const text = await fs.readFile(file, 'utf8');
    assert.ok(text.startsWith('# from the platform\napiVersion: v1\nkind: Config\npreferences: {}\n'));
    assert.ok(text.includes(extra));
    assert.ok(text.endsWith('my-field: [1,   2]\n'));
  });

  it('mends two files of one profile, which each look innocent', async t => {
    const home = await temporaryHome(t);
    const only = (name: string) => (text: string) => {
      const { entries } = readKubeconfig(text, 'x');
      const host = demo.cluster(name).clusterHostname;
      const of = (section: string) =>
        entries.filter(
          entry => entry.section === section && (section === 'users' || entry.name.endsWith(host)),
        );
      const list = (section: string, field: string) =>
        of(section).map(({ name: entry, content }) => ({ name: entry, [field]: content }));
      return JSON.stringify({
        clusters: list('clusters', 'cluster'),
        contexts: list('contexts', 'context'),
        users: list('users', 'user'),
      });
    };
    const one = await download(demo, home, { file: 'one.yaml', edit: only('red-lab') });
    const other = await download(demo, home, { file: 'other.yaml', edit: only('blue-prod') });
    const before_ = await runProgram(['check', '--json', one, other], { env: home.env });
    assert.deepEqual(
      codes(before_).filter(code => code === 'SHARED_PROFILE'),
      ['SHARED_PROFILE', 'SHARED_PROFILE'],
    );
    const ended = await fix(home, '--yes', '--json', one, other);
    assert.deepEqual([ended.code, codes(ended)], [0, []]);
  });

  it('finds the clusters of a workspace by --workspace, or by a link that was used', async t => {
    const home = await temporaryHome(t);
    const own = await startDemo({ only: { clusters: ['kubernetes-cluster', 'red-lab'] } });
    t.after(() => own.close());
    // Without a workspace a platform may list nothing.
    own.intercept(/\/plugin\/providers$/, ({ response }) => void response.writeHead(200).end('null'));
    const file = await download(own, home, { workspace: 'team-red' });
    await fs.chmod(file, 0o600);
    const without = await leavesAll(home, ['--yes', '--json', file]);
    assert.match(jsonOf<Document>(without).fix.left[0]?.reason ?? '', /--workspace NAME/);
    const named = await fix(home, '--yes', '--json', '--workspace', 'team-red', file);
    assert.equal(named.code, 0, named.stderr);
    const [profile] = jsonOf<Document>(named).fix.files[0]?.profiles ?? [];
    assert.match(profile?.loginLink ?? '', /landing\/team-red$/);
    const again = await download(own, home, { file: 'again.yaml', workspace: 'team-red' });
    const remembered = await fix(home, '--yes', '--json', again);
    assert.equal(remembered.code, 0, remembered.stderr);
  });

  describe('does not touch', () => {
    const refusals: Record<string, { edit: (text: string, demo: Demo) => string; why: RegExp }> = {
      'a cluster that the portal does not list': {
        edit: text => text.replace(/server: (https:\S+)/, 'server: $1/elsewhere'),
        why: /does not list its cluster/,
      },
      'a cluster with another certificate authority': {
        edit: text =>
          text.replace(/certificate-authority-data: \S+/, `certificate-authority-data: ${btoa('other')}`),
        why: /names another certificate authority/,
      },
      'a cluster without its certificate authority': {
        edit: text => text.replace(/ {4}certificate-authority-data: \S+\n/, ''),
        why: /names another certificate authority/,
      },
      'a file whose portal cannot be reached': {
        edit: text => text.replace(/-auth-url=\S+/, '-auth-url=https://127.0.0.1:1/token/'),
        why: /could not be asked/,
      },
      'a file whose portal has another certificate than it says': {
        edit: (text, { cluster }) => text.replace(/-ca-data=\S+/, `-ca-data=${btoa(cluster('red-lab').ca)}`),
        why: /could not be asked/,
      },
      'a file whose portal is reached without TLS': {
        edit: text => text.replace('-auth-url=https:', '-auth-url=http:'),
        why: /is not one/,
      },
    };
    for (const [what, { edit, why }] of Object.entries(refusals)) {
      it(`${what}, nor anything else in that file`, async t => {
        const home = await temporaryHome(t);
        const file = await download(demo, home, { edit: text => edit(text, demo) });
        const ended = await leavesAll(home, ['--yes', '--json', file]);
        assert.equal(ended.code, 1);
        const { left, files } = jsonOf<Document>(ended).fix;
        assert.deepEqual(files, []);
        assert.match(left.map(({ reason }) => reason).join('\n'), why);
        assert.ok(codes(ended).includes('SHARED_USER'));
      });
    }

    it("a file that is not the platform's", async t => {
      const home = await temporaryHome(t);
      const file = await download(demo, home, {
        edit: text => text.replace('command: konvoy-async-plugin', 'command: /usr/bin/other'),
      });
      await fs.chmod(file, 0o600);
      const ended = await leavesAll(home, ['--yes', '--json', file]);
      assert.equal(ended.code, 1);
      assert.deepEqual(jsonOf<Document>(ended).fix, { dryRun: false, files: [], modes: [], left: [] });
    });

    it('a file that somebody has locked', async t => {
      const home = await temporaryHome(t);
      const file = await download(demo, home);
      await fs.writeFile(`${file}.lock`, '');
      const controller = setTimeout(() => void fs.rm(`${file}.lock`, { force: true }), 60_000);
      t.after(() => clearTimeout(controller));
      const text = await fs.readFile(file, 'utf8');
      const ended = await fix(home, '--yes', '--json', file);
      const [outcome] = jsonOf<Document>(ended).fix.files;
      assert.deepEqual([ended.code, outcome?.changed, outcome?.error?.code], [1, false, 'LOCKED']);
      assert.equal(await fs.readFile(file, 'utf8'), text);
      assert.deepEqual(await listProfiles(home.paths), []);
    });
  });

  it('keeps nothing of a hostile download but servers and authorities, and says what it drops', async t => {
    const home = await temporaryHome(t);
    const file = await download(demo, home, {
      edit: text =>
        text
          .replace(
            /^( {4})(server: .*)$/m,
            '$1$2\n$1proxy-url: http://evil.example:3128\n$1tls-server-name: evil.example',
          )
          .replace(
            '  user:\n    exec:',
            '  user:\n    tokenFile: /etc/passwd\n    client-key: /root/.ssh/id_rsa\n    exec:',
          )
          .replace('env: null', 'env: [{name: LD_PRELOAD, value: /tmp/evil.so}]'),
    });
    const ended = await fix(home, '--yes', '--json', file);
    assert.equal(ended.code, 0, ended.stderr);
    assert.deepEqual(jsonOf<Document>(ended).fix.files[0]?.notKept, [
      '"proxy-url" of the cluster "kubernetes-cluster.dkp.example"',
      '"tls-server-name" of the cluster "kubernetes-cluster.dkp.example"',
      '"tokenFile" of the user "default-profile"',
      '"client-key" of the user "default-profile"',
      '"exec.env" of the user "default-profile"',
    ]);
    const text = await fs.readFile(file, 'utf8');
    assert.doesNotMatch(text, /evil|passwd|id_rsa|LD_PRELOAD|konvoy/);
  });

  it('leaves a download whose user runs a shell as it is, and names that', async t => {
    const home = await temporaryHome(t);
    const own = await startDemo();
    t.after(() => own.close());
    own.faults.set('kubeconfig', 'exec-block');
    const file = await download(own, home);
    await fs.chmod(file, 0o600);
    const ended = await leavesAll(home, ['--yes', '--json', file]);
    assert.ok(codes(ended).includes('EXEC_SHELL'));
    assert.equal(ended.code, 1);
  });

  it('sets provideClusterInfo in entries of its own, and nothing else in them', async t => {
    const home = await temporaryHome(t);
    const file = await download(demo, home);
    assert.equal((await fix(home, '--yes', file)).code, 0);
    const good = await fs.readFile(file, 'utf8');
    await fs.writeFile(file, good.replace('      provideClusterInfo: true\n', ''));
    const ended = await fix(home, '--yes', '--json', file);
    assert.deepEqual([ended.code, jsonOf<Document>(ended).fix.files[0]?.completed], [0, [clusters[0]]]);
    assert.deepEqual(parse(await fs.readFile(file, 'utf8')), parse(good));
  });

  it('takes permissions back from files beside the kubeconfig, and from no others', async t => {
    const home = await temporaryHome(t);
    await fs.mkdir(home.path('near'));
    for (const file of ['near/token', 'far']) await fs.writeFile(home.path(file), 'x', { mode: 0o644 });
    const users = `users:\n- {name: a, user: {tokenFile: token}}\n- {name: b, user: {tokenFile: ${home.path('far')}}}\n`;
    await fs.writeFile(home.path('near/config'), users, { mode: 0o644 });
    const ended = await fix(home, '--yes', home.path('near/config'));
    assert.equal(ended.code, 1);
    assert.deepEqual(await Promise.all(['near/config', 'near/token', 'far'].map(file => home.mode(file))), [
      '600',
      '600',
      '644',
    ]);
    assert.match(ended.stdout, /chmod go-rwx \S+\/far\n/);
  });

  describe('at a terminal', () => {
    async function asked(t: TestContext) {
      const home = await temporaryHome(t);
      const file = await download(demo, home);
      const terminal = openTerminal(t, {
        command: process.execPath,
        args: [cli, 'check', '--fix', file],
        env: home.env,
      });
      await terminal.waitFor(() => terminal.logicalLines().some(line => /^Make this change\?/.test(line)));
      assert.match(terminal.logicalLines().join('\n'), /^\+ {4}user: red-lab$/m);
      return { home, file, terminal, text: await fs.readFile(file, 'utf8') };
    }

    it('asks, and takes anything but yes for no', async t => {
      const { home, file, terminal, text } = await asked(t);
      await terminal.press('enter');
      assert.deepEqual(await terminal.exit, { code: 130 });
      assert.equal(await fs.readFile(file, 'utf8'), text);
      assert.equal(await home.mode('platform.yaml'), '644');
      assert.deepEqual(await listProfiles(home.paths), []);
    });

    it('does it when the person says yes', async t => {
      const { home, file, terminal } = await asked(t);
      terminal.type('y');
      await terminal.press('enter');
      assert.deepEqual(await terminal.exit, { code: 0 });
      assert.equal((await listProfiles(home.paths)).length, clusters.length);
      assert.doesNotMatch(await fs.readFile(file, 'utf8'), /konvoy/);
    });
  });

  it('without somebody to ask needs --yes or --dry-run', async t => {
    const home = await temporaryHome(t);
    const file = await download(demo, home);
    const ended = await leavesAll(home, [file]);
    assertRefused(ended, { exit: 2, message: /Nobody can be asked/, hint: /--yes/ });
    assert.match(ended.stderr, /^\+ {4}user: red-lab$/m);
  });
});
