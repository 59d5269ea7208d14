import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import {
  createFile,
  listFolder,
  makePrivateFolder,
  readPrivateFile,
  readTextFile,
  removeFile,
  replaceFile,
  resolveLinks,
} from '../../source/system/files.ts';
import { filesBelow, temporaryFolder } from '../helpers/home.ts';
import { userError } from '../helpers/user-error.ts';

const modeOf = async (file: string) => ((await fs.lstat(file)).mode & 0o7777).toString(8);

test('a new file and the folders on its way are for this user alone, under any umask', async t => {
  const folder = await temporaryFolder(t);
  const before = process.umask(0);
  t.after(() => process.umask(before));
  for (const write of [replaceFile, createFile]) {
    const file = path.join(folder, write.name, 'a', 'b', 'file');
    await write(file, 'content');
    assert.equal(await modeOf(file), '600');
    assert.equal(await modeOf(path.dirname(file)), '700');
    assert.equal(await modeOf(path.dirname(path.dirname(file))), '700');
    assert.equal(await fs.readFile(file, 'utf8'), 'content');
  }
});

test('a folder that is there already keeps its mode', async t => {
  const folder = await temporaryFolder(t);
  await fs.chmod(folder, 0o755);
  await replaceFile(path.join(folder, 'file'), 'x');
  await makePrivateFolder(folder);
  assert.equal(await modeOf(folder), '755');
});

test('a replaced file keeps its mode, whatever the umask', async t => {
  const folder = await temporaryFolder(t);
  const file = path.join(folder, 'file');
  const before = process.umask(0o077);
  t.after(() => process.umask(before));
  for (const mode of [0o600, 0o640, 0o644, 0o400]) {
    await fs.writeFile(file, 'old');
    await fs.chmod(file, mode);
    await replaceFile(file, 'new');
    assert.equal(await modeOf(file), mode.toString(8));
    assert.equal(await fs.readFile(file, 'utf8'), 'new');
    await fs.rm(file);
  }
});

test('a symbolic link stays one, and what it leads to is replaced', async t => {
  const folder = await temporaryFolder(t);
  const [target, link, second] = ['dotfiles/config', 'config', 'again'].map(name =>
    path.join(folder, name),
  ) as [string, string, string];
  await fs.mkdir(path.dirname(target));
  await fs.writeFile(target, 'old', { mode: 0o640 });
  await fs.chmod(target, 0o640);
  await fs.symlink('dotfiles/config', link);
  await fs.symlink(link, second);
  await replaceFile(second, 'new');
  assert.equal(await fs.readlink(second), link);
  assert.equal(await fs.readlink(link), 'dotfiles/config');
  assert.equal(await fs.readFile(target, 'utf8'), 'new');
  assert.equal(await modeOf(target), '640');
  assert.deepEqual(await filesBelow(folder), ['again', 'config', 'dotfiles/config']);
});

test('a symbolic link to a file that is still to be written stays one too', async t => {
  const folder = await temporaryFolder(t);
  const link = path.join(folder, 'config');
  await fs.mkdir(path.join(folder, 'dotfiles'));
  await fs.symlink('dotfiles/config', link);
  await replaceFile(link, 'new');
  assert.equal(await fs.readlink(link), 'dotfiles/config');
  assert.equal(await fs.readFile(path.join(folder, 'dotfiles', 'config'), 'utf8'), 'new');
});

test('symbolic links in a circle are an error, and stay', async t => {
  const folder = await temporaryFolder(t);
  const [a, b] = [path.join(folder, 'a'), path.join(folder, 'b')];
  await fs.symlink(a, b);
  await fs.symlink(b, a);
  await assert.rejects(replaceFile(a, 'x'), userError('IO', /Could not write/));
  assert.deepEqual(await filesBelow(folder), ['a', 'b']);
});

test('a name that leads nowhere for another reason than that nothing is there is an error for people', async t => {
  const folder = await temporaryFolder(t);
  await fs.writeFile(path.join(folder, 'file'), '');
  await assert.rejects(
    resolveLinks(path.join(folder, 'file', 'below')),
    userError('IO', /Could not find .*below/),
  );
});

test('a name is taken once: the second who creates it is told, and the content is the first one', async t => {
  const file = path.join(await temporaryFolder(t), 'file');
  assert.equal(await createFile(file, 'first'), true);
  assert.equal(await createFile(file, 'second'), false);
  assert.equal(await fs.readFile(file, 'utf8'), 'first');
});

test('a name that a symbolic link has is taken, wherever the link leads', async t => {
  const folder = await temporaryFolder(t);
  const file = path.join(folder, 'file');
  await fs.symlink(path.join(folder, 'nowhere'), file);
  assert.equal(await createFile(file, 'x'), false);
  assert.deepEqual(await filesBelow(folder), ['file']);
});

test('of fifty who create one name at a time one succeeds, and every reader sees a whole file', async t => {
  const folder = await temporaryFolder(t);
  const file = path.join(folder, 'file');
  const contents = Array.from({ length: 50 }, (_, number) => String(number % 10).repeat(100_000));
  const created = await Promise.all(
    contents.map(async content => {
      const won = await createFile(file, content);
      assert.equal((await fs.readFile(file)).length, 100_000);
      return won;
    }),
  );
  assert.equal(created.filter(Boolean).length, 1);
  assert.equal(await fs.readFile(file, 'utf8'), contents[created.indexOf(true)]);
  assert.deepEqual(await filesBelow(folder), ['file']);
});

test('nothing is left behind where a write fails, and the error names the file', async t => {
  const folder = await temporaryFolder(t);
  const occupied = path.join(folder, 'folder');
  await fs.mkdir(path.join(occupied, 'inside'), { recursive: true });
  await assert.rejects(
    replaceFile(occupied, 'x'),
    userError('IO', /Could not write .*folder.*\nCheck that the folder/),
  );
  await assert.rejects(
    replaceFile(path.join(folder, 'x'.repeat(300)), 'x'),
    userError('IO', /name too long/),
  );
  await fs.writeFile(path.join(folder, 'file'), 'x');
  await assert.rejects(
    replaceFile(path.join(folder, 'file', 'below'), 'x'),
    userError('IO', /Could not make the folder/),
  );
  await assert.rejects(createFile(path.join(folder, 'file', 'below'), 'x'), userError('IO'));
  assert.deepEqual(await filesBelow(folder), ['file']);
});

test('a reader sees the old content or the new, never a part', async t => {
  const file = path.join(await temporaryFolder(t), 'file');
  const [old, next] = ['a'.repeat(300_000), 'b'.repeat(200_000)];
  await replaceFile(file, old);
  let isWriting = true;
  const writer = (async () => {
    for (let round = 0; round < 20; round++) await replaceFile(file, round % 2 === 0 ? next : old);
    isWriting = false;
  })();
  while (isWriting) {
    const seen = await fs.readFile(file, 'utf8');
    assert.ok(seen === old || seen === next, `${seen.length} characters`);
  }
  await writer;
});

test('a writer that is killed leaves the old content or the new', async t => {
  const file = path.join(await temporaryFolder(t), 'file');
  const writer = spawn(
    process.execPath,
    ['--import', 'tsx', path.join(import.meta.dirname, 'rewriter.ts'), file],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  t.after(() => writer.kill('SIGKILL'));
  await once(writer.stdout, 'data');
  writer.kill('SIGKILL');
  await once(writer, 'close');
  assert.match(await fs.readFile(file, 'utf8'), /^(a{400000}|b{400000})$/);
});

test('a private file is read back; one that is not there is none', async t => {
  const folder = await temporaryFolder(t);
  const file = path.join(folder, 'file');
  await replaceFile(file, 'größe');
  assert.equal(await readPrivateFile(file), 'größe');
  assert.equal(await readPrivateFile(path.join(folder, 'none')), undefined);
  assert.equal(await readPrivateFile(path.join(file, 'below')), undefined);
});

test('a file that a person names is read with any mode and through links, but not without end', async t => {
  const folder = await temporaryFolder(t);
  const file = path.join(folder, 'file');
  await fs.writeFile(file, 'text', { mode: 0o644 });
  await fs.symlink(file, path.join(folder, 'link'));
  assert.equal(await readTextFile(path.join(folder, 'link')), 'text');
  assert.equal(await readTextFile(path.join(folder, 'none')), undefined);
  await assert.rejects(readTextFile(file, 3), userError('IO', /larger than 3 bytes/));
  await assert.rejects(readTextFile(folder), userError('IO', /not a regular file/));
  await assert.rejects(readTextFile('/dev/zero'), userError('IO', /not a regular file/));
});

test('a folder is listed in order; one that is not there is empty, a file in its place is an error', async t => {
  const folder = await temporaryFolder(t);
  for (const name of ['b', 'a', 'c']) await fs.writeFile(path.join(folder, name), '');
  assert.deepEqual(await listFolder(folder), ['a', 'b', 'c']);
  assert.deepEqual(await listFolder(path.join(folder, 'none')), []);
  await assert.rejects(listFolder(path.join(folder, 'a')), userError('IO', /Could not list/));
  await removeFile(path.join(folder, 'a'));
  await removeFile(path.join(folder, 'a'));
  assert.deepEqual(await listFolder(folder), ['b', 'c']);
});

test('a secret takes back what an existing file lets others do; anything else keeps the mode', async t => {
  const folder = await temporaryFolder(t);
  const file = path.join(folder, 'loose');
  await fs.writeFile(file, 'old');
  await fs.chmod(file, 0o664);
  await replaceFile(file, 'plain');
  assert.equal((await fs.stat(file)).mode & 0o777, 0o664);
  await replaceFile(file, 'secret', { secret: true });
  assert.equal((await fs.stat(file)).mode & 0o777, 0o600);
});
