import assert from 'node:assert/strict';
import fs from 'node:fs/promises';
import { describe, it } from 'node:test';
import { temporaryFolder, temporaryHome } from '../helpers/home.ts';
import { assertRefused } from '../helpers/plain-output.ts';
import { cli, runProgram } from '../helpers/program.ts';
import { traced, whyNoStrace } from './strace.ts';

const missing = whyNoStrace();
const skip = missing !== undefined && process.env['CI'] === undefined ? missing : false;

describe('a disk that takes only the first bytes of what is written', { skip }, () => {
  for (const bytes of [1, 12, 40]) {
    it(`leaves the settings as they were, and says so (${bytes} bytes)`, async test => {
      assert.equal(missing, undefined);
      const home = await temporaryHome(test);
      const log = `${await temporaryFolder(test)}/calls`;
      assert.equal((await runProgram(['config', 'set', 'timeout', '77'], { env: home.env })).code, 0);
      const file = home.path('config', 'settings.json');
      const before = await fs.readFile(file, 'utf8');
      const set = [process.execPath, cli, 'config', 'set', 'browserCommand', 'a-browser-with-a-long-name'];
      const ended = await traced(set, { env: home.env, log, fault: { kind: 'short', bytes } });
      assertRefused(ended, { exit: 1, message: /Could not write .*settings\.json: file too large/ });
      assert.equal(await fs.readFile(file, 'utf8'), before);
    });
  }
});

for (const [code, words] of [
  ['EDQUOT', /Could not write .*settings\.json: the disk quota is used up\./],
  ['ENOSPC', /Could not write .*settings\.json: no space left on device\./],
] as const) {
  it(`a disk with ${code} is told in words`, { skip }, async test => {
    const home = await temporaryHome(test);
    const log = `${await temporaryFolder(test)}/calls`;
    const set = [process.execPath, cli, 'config', 'set', 'timeout', '77'];
    const fault = { kind: 'error', call: 'fsync', nth: 1, code } as const;
    assertRefused(await traced(set, { env: home.env, log, fault }), { exit: 1, message: words });
    assert.deepEqual(await home.files(), []);
  });
}
