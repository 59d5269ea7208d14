import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { it } from 'node:test';
import { writeSetting } from '../../source/system/settings.ts';
import { settingsFile } from '../../source/system/settings-file.ts';
import { temporaryHome } from '../helpers/home.ts';

// In a file of its own: conf's library takes what it writes with when it is loaded.
it('settings of which the disk took a part only are not put in place', async test => {
  const { paths } = await temporaryHome(test);
  const before = '{"timeout":77}';
  fs.mkdirSync(paths.config, { recursive: true, mode: 0o700 });
  fs.writeFileSync(settingsFile(paths), before, { mode: 0o600 });
  const { writeSync } = fs;
  const short = test.mock.method(fs, 'writeSync', (file: number, text: string) =>
    writeSync(file, text.slice(0, 9)),
  );
  await assert.rejects(writeSetting(paths, 'timeout', 78), {
    code: 'IO',
    message: `Could not write ${settingsFile(paths)}: the disk took only a part of it.`,
  });
  assert.ok(short.mock.callCount() > 0);
  assert.equal(fs.readFileSync(settingsFile(paths), 'utf8'), before);
  assert.deepEqual(fs.readdirSync(paths.config), [path.basename(settingsFile(paths))]);
});
