import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import fs from 'node:fs/promises';
import path from 'node:path';
import { describe, it } from 'node:test';
import { backupsOf, isBackupName } from '../../source/kubeconfig/backup.ts';
import { edit } from '../../source/kubeconfig/edit.ts';
import type { Layout } from '../../source/kubeconfig/layout.ts';
import { undoLast } from '../../source/kubeconfig/undo.ts';
import { changeKubeconfigs, type WriteOptions } from '../../source/kubeconfig/write.ts';
import { ownIdentity } from '../../source/system/process-identity.ts';
import { type Home, temporaryHome } from '../helpers/home.ts';
import { userError } from '../helpers/user-error.ts';

const text = 'kind: Config\ncurrent-context: zero\n';
const current = (name: string) => (layouts: readonly Layout[]) =>
  layouts.map(layout => edit(layout, [{ kind: 'current-context', name }]));

async function setUp(t: Parameters<typeof temporaryHome>[0]) {
  const home = await temporaryHome(t);
  const file = home.path('config');
  await fs.writeFile(file, text, { mode: 0o600 });
  const notices: string[] = [];
  const options: WriteOptions = {
    paths: home.paths,
    onNotice: notice => notices.push(notice),
    lockTimeoutMs: 1500,
  };
  const change = (name: string, files = [file]) => changeKubeconfigs(files, current(name), options);
  return { home, file, notices, options, change };
}

const kubeFiles = async (home: Home) => (await fs.readdir(home.folder)).filter(name => name !== 'state');

describe('a change of a kubeconfig', () => {
  it('keeps the file as it was beside it, the newest ten, and undo puts them back one by one', async t => {
    const { home, file, options, change } = await setUp(t);
    await fs.chmod(file, 0o640);
    for (let number = 1; number <= 12; number++) await change(`c${number}`);
    const backups = await backupsOf(file);
    assert.equal(backups.length, 10);
    for (const { path: backup } of backups) {
      assert.equal((await fs.stat(backup)).mode & 0o777, 0o640);
      assert.ok(isBackupName(path.basename(backup)));
    }
    for (let number = 11; number >= 2; number--) {
      await undoLast(file, false, options);
      assert.equal(await fs.readFile(file, 'utf8'), text.replace('zero', `c${number}`));
    }
    await assert.rejects(undoLast(file, false, options), userError('NOTHING_TO_UNDO'));
    assert.deepEqual(await kubeFiles(home), ['config']);
    assert.equal((await fs.stat(file)).mode & 0o777, 0o640);
  });

  it('that changes nothing leaves no copy', async t => {
    const { home, change } = await setUp(t);
    assert.deepEqual(await change('zero'), []);
    assert.deepEqual(await kubeFiles(home), ['config']);
  });

  it('is not undone over what somebody else wrote since, unless forced, and then that is kept', async t => {
    const { file, options, change } = await setUp(t);
    await change('one');
    await fs.appendFile(file, '# by hand\n');
    await assert.rejects(undoLast(file, false, options), userError('KUBECONFIG_CHANGED', /--force/));
    assert.match(await fs.readFile(file, 'utf8'), /by hand/);
    await undoLast(file, true, options);
    assert.equal(await fs.readFile(file, 'utf8'), text);
    await undoLast(file, false, options);
    assert.match(await fs.readFile(file, 'utf8'), /by hand/);
  });

  it('is undone by putting the copy itself in place, whose content is on the disk for long', async t => {
    const { home, file, options, change } = await setUp(t);
    await change('one');
    // Whom the person has let in or shut out since, undo leaves in or out.
    await fs.chmod(file, 0o640);
    const [copy] = await backupsOf(file);
    const { ino } = await fs.stat(copy?.path ?? '');
    await undoLast(file, false, options);
    const undone = await fs.stat(file);
    assert.deepEqual([undone.ino, undone.mode & 0o777], [ino, 0o640]);
    assert.equal(await fs.readFile(file, 'utf8'), text);
    assert.deepEqual(await kubeFiles(home), ['config']);
  });

  it('is undone without force where the file was emptied or taken away since, for nobody loses anything by that', async t => {
    const { home, file, options, change } = await setUp(t);
    for (const lose of [() => fs.truncate(file, 0), () => fs.rm(file)]) {
      await change('one');
      await lose();
      const { before } = await undoLast(file, false, options);
      assert.equal(before, '');
      assert.equal(await fs.readFile(file, 'utf8'), text);
      assert.equal((await fs.stat(file)).mode & 0o777, 0o600);
      assert.deepEqual(await kubeFiles(home), ['config']);
    }
  });

  it('is worked out anew from what the file holds under the lock, though it is as long as before', async t => {
    const { file, options } = await setUp(t);
    await fs.writeFile(file, `${text}# one\n`);
    let isFirst = true;
    await changeKubeconfigs(
      [file],
      layouts => {
        if (isFirst) writeFileSync(file, `${text}# two\n`);
        isFirst = false;
        return current('next')(layouts);
      },
      options,
    );
    assert.equal(await fs.readFile(file, 'utf8'), `${text.replace('zero', 'next')}# two\n`);
  });

  it('goes through a symbolic link, which stays', async t => {
    const { home, file, options, change } = await setUp(t);
    await fs.mkdir(home.path('dotfiles'));
    await fs.rename(home.path('config'), home.path('dotfiles', 'real'));
    await fs.symlink('dotfiles/real', home.path('config'));
    await change('one');
    assert.equal(await fs.readlink(home.path('config')), 'dotfiles/real');
    assert.match(await fs.readFile(home.path('dotfiles', 'real'), 'utf8'), /one/);
    assert.deepEqual(await kubeFiles(home), ['config', 'dotfiles']);
    await undoLast(file, false, options);
    assert.equal(await fs.readlink(home.path('config')), 'dotfiles/real');
    assert.equal(await fs.readFile(home.path('dotfiles', 'real'), 'utf8'), text);
    assert.deepEqual(await fs.readdir(home.path('dotfiles')), ['real']);
  });

  it('of a file that belongs to somebody else keeps its owner, group and mode, and so does the copy', {
    skip: process.getuid?.() !== 0,
  }, async t => {
    const { file, options, change } = await setUp(t);
    await fs.chown(file, 12_345, 23_456);
    await fs.chmod(file, 0o640);
    const ownership = async (path: string) => {
      const { uid, gid, mode } = await fs.stat(path);
      return [uid, gid, mode & 0o777];
    };
    await change('one');
    const [copy] = await backupsOf(file);
    assert.match(await fs.readFile(file, 'utf8'), /one/);
    assert.deepEqual(await ownership(file), [12_345, 23_456, 0o640]);
    assert.deepEqual(await ownership(copy?.path ?? ''), [12_345, 23_456, 0o640]);
    await undoLast(file, false, options);
    assert.deepEqual(await ownership(file), [12_345, 23_456, 0o640]);
  });

  it('of a read-only file is refused, and nothing is left behind', async t => {
    const { home, file, change } = await setUp(t);
    await fs.chmod(file, 0o400);
    await assert.rejects(change('one'), userError('IO', /read-only/));
    assert.equal(await fs.readFile(file, 'utf8'), text);
    assert.deepEqual(await kubeFiles(home), ['config']);
  });

  it('of several files of which one cannot be written leaves all as they were', async t => {
    const { home, file, change } = await setUp(t);
    const other = home.path('other');
    await fs.writeFile(other, text, { mode: 0o400 });
    await assert.rejects(change('one', [file, other]), userError('IO'));
    assert.equal(await fs.readFile(file, 'utf8'), text);
    assert.deepEqual((await kubeFiles(home)).sort(), ['config', 'other']);
  });

  it('of what is not UTF-8 is refused, for something of it would be lost', async t => {
    const { file, change } = await setUp(t);
    await fs.writeFile(file, Buffer.from([...Buffer.from('# Gr'), 0xfc, 0xdf, 0x65, 0x0a]));
    await assert.rejects(change('one'), userError('IO', /UTF-8/));
    assert.equal((await fs.readFile(file)).length, 8);
  });

  it('is made again when it is taken out at once, as a kubectl does that had read the file before', async t => {
    const { file, change } = await setUp(t);
    const changing = change('one');
    // Waits until the change is there and the lock is not, then writes the file as it was.
    for (let look = 0; look < 2000; look++) {
      const isFree = await fs.access(`${file}.lock`).then(
        () => false,
        () => true,
      );
      if (isFree && (await fs.readFile(file, 'utf8')).includes('one')) break;
      await new Promise(resolve => setTimeout(resolve, 2));
    }
    await fs.writeFile(file, text);
    const [written, ...others] = await changing;
    assert.deepEqual([written?.before, others.length], [text, 0]);
    assert.match(await fs.readFile(file, 'utf8'), /one/);
  });

  it('on a full disk leaves the old file, and no scraps', async t => {
    const { home, file } = await setUp(t);
    const big = `${text}# ${'x'.repeat(200_000)}\n`;
    await fs.writeFile(file, big);
    const merger = path.join(import.meta.dirname, 'merger.ts');
    const args = ['-c', 'ulimit -f 100; trap "" XFSZ; exec "$@"', 'sh', process.execPath, '--import', 'tsx'];
    const child = spawn('/bin/bash', [...args, merger, home.path('state'), file, 'red'], {
      stdio: ['ignore', 'ignore', 'pipe'],
      // Its own compiled code is larger than the limit.
      env: { ...process.env, TSX_DISABLE_CACHE: '1' },
    });
    let stderr = '';
    child.stderr.on('data', chunk => {
      stderr += chunk;
    });
    const [code] = await once(child, 'close');
    assert.equal(code, 1, stderr);
    assert.match(stderr, /Could not (create|write) .*: file too large/);
    assert.equal(await fs.readFile(file, 'utf8'), big);
    assert.deepEqual(await kubeFiles(home), ['config']);
  });
});

describe("kubectl's lock", () => {
  it('that stays is waited for, then explained, and not taken away', async t => {
    const { file, change } = await setUp(t);
    await fs.writeFile(`${file}.lock`, '', { mode: 0 });
    const fault =
      /config\.lock is there since \d+ seconds: kubectl or another program.*\n.*rm .*config\.lock/;
    await assert.rejects(change('one'), userError('LOCKED', fault));
    assert.equal(await fs.readFile(file, 'utf8'), text);
    await fs.access(`${file}.lock`);
    const changing = change('one');
    setTimeout(() => void fs.rm(`${file}.lock`), 300);
    await changing;
    assert.match(await fs.readFile(file, 'utf8'), /one/);
  });

  it('of a process of ours that is gone is removed, and that is said', async t => {
    const { file, notices, change } = await setUp(t);
    const own = await ownIdentity();
    const identity = JSON.stringify({ ...own, pid: 2 ** 22 - 7, start: '1', hostName: 'here' });
    await fs.writeFile(`${file}.lock`, `dkp-auth ${'0'.repeat(24)}\n${identity}\n`);
    await change('one');
    assert.match(await fs.readFile(file, 'utf8'), /one/);
    assert.match(notices.join(), /Removed .*config\.lock: process \d+ of dkp-auth/);
  });

  it('of a process of ours that is there is respected', async t => {
    const { file, notices, change } = await setUp(t);
    const identity = JSON.stringify({ ...(await ownIdentity()), hostName: 'here' });
    await fs.writeFile(`${file}.lock`, `dkp-auth ${'0'.repeat(24)}\n${identity}\n`);
    await assert.rejects(
      change('one'),
      userError('LOCKED', new RegExp(`process ${process.pid} of dkp-auth on here`)),
    );
    assert.deepEqual(notices, []);
  });

  it('is held while the files are changed, all of them, and says whose it is', async t => {
    const { home, file, options } = await setUp(t);
    const other = home.path('another');
    let held: string[] = [];
    const changed = changeKubeconfigs([file, other], current('one'), options);
    for (let look = 0; look < 1000 && held.length < 2; look++) {
      held = (await fs.readdir(home.folder)).filter(name => name.endsWith('.lock'));
      await new Promise(resolve => setTimeout(resolve, 1));
    }
    await changed;
    assert.deepEqual(held, ['another.lock', 'config.lock']);
    assert.deepEqual(
      (await kubeFiles(home)).filter(name => name.endsWith('.lock')),
      [],
    );
  });
});
