import assert from 'node:assert/strict';
import fs from 'node:fs/promises';
import path from 'node:path';
import { describe, it } from 'node:test';
import { execa } from 'execa';
import { UserError } from '../../source/errors.ts';
import { withLock } from '../../source/system/lock.ts';
import { temporaryFolder } from '../helpers/home.ts';

const heartbeat = { everyMs: 50, staleMs: 400 };
const timeoutMs = 20_000;

describe('a lock that somebody planted', { concurrency: 4 }, () => {
  const strange: Record<string, (file: string) => Promise<unknown>> = {
    'a pipe': file => execa('mkfifo', [file]),
    'a folder': file => fs.mkdir(file),
    'a link to a file': async file => {
      await fs.writeFile(`${file}.precious`, 'precious');
      await fs.symlink(`${file}.precious`, file);
    },
    'a link to nothing': file => fs.symlink(`${file}.nothing`, file),
    'a link to itself': file => fs.symlink(file, file),
  };
  for (const [what, plant] of Object.entries(strange)) {
    it(`${what} is an error that names it, at once, and is left as it is`, async test => {
      const file = path.join(await temporaryFolder(test), 'x.lock');
      await plant(file);
      const before = await fs.readdir(path.dirname(file));
      await assert.rejects(
        withLock(file, async () => assert.fail('it ran'), { timeoutMs, heartbeat }),
        error => error instanceof UserError && error.code === 'IO' && error.message.includes(file),
      );
      assert.deepEqual(await fs.readdir(path.dirname(file)), before);
      const precious = await fs.readFile(`${file}.precious`, 'utf8').catch(() => 'precious');
      assert.equal(precious, 'precious');
    });
  }

  const silent: Record<string, (file: string) => Promise<unknown>> = {
    nonsense: file => fs.writeFile(file, 'x'.repeat(3000)),
    'nothing at all': file => fs.writeFile(file, ''),
    'a file without end': async file => {
      await fs.writeFile(file, '');
      await fs.truncate(file, 10_000_000_000);
    },
    'a holder that never was': file =>
      fs.writeFile(
        file,
        `{"id":"${'0'.repeat(24)}","host":"elsewhere","pid":1,"start":null}\n+000000000001\n`,
      ),
  };
  for (const [what, plant] of Object.entries(silent)) {
    it(`${what} holds nobody up for longer than a silent holder does`, async test => {
      const file = path.join(await temporaryFolder(test), 'x.lock');
      await plant(file);
      assert.equal(await withLock(file, async () => 'ran', { timeoutMs, heartbeat }), 'ran');
    });
  }
});
