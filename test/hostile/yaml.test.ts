import assert from 'node:assert/strict';
import path from 'node:path';
import { describe, it } from 'node:test';
import { startChild } from '../helpers/child.ts';
import { costlyYaml } from './yaml-cases.ts';

type Reading = { readonly name: string; readonly outcome: string; readonly ms: number };

// Far from what each takes, which is a fraction of a second, and farther from what it took: minutes, or for ever.
const longestMs = 10_000;

describe('YAML that means far more than it says', { concurrency: true }, () => {
  for (const reader of ['kubeconfig', 'download']) {
    it(`is done with soon, as a ${reader}`, async test => {
      const child = startChild(test, path.join(import.meta.dirname, 'read-yaml.ts'), [reader]);
      const tooLate = setTimeout(() => child.process.kill('SIGKILL'), 9 * longestMs);
      test.after(() => clearTimeout(tooLate));
      const readings: Reading[] = [];
      for (const name of Object.keys(costlyYaml)) {
        const line = await child
          .line(line => line.startsWith(`{"name":${JSON.stringify(name)},`))
          .catch(() => assert.fail(`"${name}" never came back`));
        readings.push(JSON.parse(line));
      }
      assert.deepEqual(
        readings.filter(({ ms }) => ms > longestMs),
        [],
      );
      const multiplied = readings.filter(({ name }) => /before|aliases|merges|anchors/.test(name));
      for (const { name, outcome } of multiplied)
        assert.match(outcome, /alias|nested|anchors|too large/, name);
    });
  }
});
