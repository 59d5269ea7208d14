import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs/promises';
import path from 'node:path';
import { describe, it } from 'node:test';
import { brotliCompressSync } from 'node:zlib';
import { runner } from '../helpers/child.ts';
import { temporaryFolder } from '../helpers/home.ts';
import { contentsOf } from '../helpers/plain-output.ts';
import { seed } from '../helpers/seeded.ts';
import { keep } from './corpus.ts';
import { targets } from './targets/all.ts';

const seconds = Number(process.env['DKP_AUTH_FUZZ_SECONDS'] ?? 4);

/** What the program may write in a home, when an input is as good as a call of it. */
const ours = /^\.(config|local\/state)\/dkp-auth\//;

type Result = {
  readonly runs: number;
  readonly found?: number;
  readonly input?: string;
  readonly fault?: string;
};
type Test = Parameters<typeof temporaryFolder>[0];

async function campaign(test: Test, target: string, extra: readonly string[] = []): Promise<Result> {
  const folder = await temporaryFolder(test);
  const home = await temporaryFolder(test);
  const at = path.join(folder, 'at');
  const options = [
    '--target',
    target,
    '--seed',
    String(seed),
    '--seconds',
    String(seconds),
    '--at',
    at,
    ...extra,
  ];
  const child = spawn(
    process.execPath,
    [...runner, path.join(import.meta.dirname, 'campaign.ts'), ...options],
    {
      cwd: home,
      env: { PATH: process.env['PATH'], HOME: home, DKP_AUTH_FUZZ_HOME: home, NODE_NO_WARNINGS: '1' },
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  const hung = setTimeout(() => child.kill('SIGKILL'), 90_000);
  let output = '';
  child.stdout.on('data', piece => {
    output += piece;
  });
  await once(child, 'close');
  clearTimeout(hung);
  if (output === '') {
    const input = await fs.readFile(at, 'utf8').catch(() => '');
    return { runs: 0, input, fault: `It never came back, and was ended by ${child.signalCode}.` };
  }
  const written = Object.keys(await contentsOf({ folder: home }));
  assert.deepEqual(
    written.filter(file => !ours.test(file)),
    [],
    'something was written outside our folders',
  );
  return JSON.parse(output.trim().split('\n').at(-1) ?? '') as Result;
}

const longestPrinted = 20_000;

/** An input that failed, in full: where it lies now, and as a line that makes the file anew on another machine. */
async function describeInput(target: string, input: string): Promise<string> {
  const file = path.relative(process.cwd(), await keep(target, input));
  const packed = brotliCompressSync(input).toString('base64');
  const unpack = `node -e 'process.stdout.write(zlib.brotliDecompressSync(Buffer.from(process.argv[1],"base64")))'`;
  return [
    `${input.length} characters, seed ${seed}, now in the corpus: ${file}`,
    `Begins with ${JSON.stringify(input.slice(0, 300))}`,
    packed.length <= longestPrinted
      ? `${unpack} ${packed} >${file}`
      : `${packed.length} characters of base64 are too many to print: copy the file, or run the seed again.`,
  ].join('\n');
}

describe(`campaigns of ${seconds} s, seed ${seed}`, { concurrency: 2 }, () => {
  it('follow what they have reached: they find a fault that is planted behind four conditions', async test => {
    const { fault } = await campaign(test, 'planted', ['--seconds', '60']);
    assert.match(fault ?? 'nothing', /found/);
  });

  for (const { name } of targets) {
    it(name, async test => {
      const { runs, fault, input, found } = await campaign(test, name);
      if (fault !== undefined) assert.fail(`${fault}\n${await describeInput(name, input ?? '')}`);
      assert.ok(runs > 0);
      test.diagnostic(`${runs} runs, ${found} inputs reached new code`);
    });
  }
});
