import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { keep, readCorpus } from './corpus.ts';
import { startCoverage } from './coverage.ts';
import { mutate } from './mutate.ts';
import { randomFrom } from './random.ts';
import { check } from './target.ts';
import { targets } from './targets/all.ts';
import { planted } from './targets/planted.ts';

/**
 * One target for a while, in a process of its own: an input that reaches code which none reached before is kept and
 * changed further. Says what it did as one line of JSON; the input at work is in the file `--at`, should it hang.
 */
const { values } = parseArgs({
  options: {
    target: { type: 'string' },
    seconds: { type: 'string', default: '5' },
    seed: { type: 'string', default: String(Date.now() % 2 ** 31) },
    at: { type: 'string' },
    /** Writes what reached new code into the corpus. */
    keep: { type: 'boolean', default: false },
  },
});
const target = [...targets, planted].find(({ name }) => name === values.target);
if (target === undefined) throw new Error(`Targets: ${targets.map(({ name }) => name).join(', ')}`);

const longestKept = 4000;
const batch = 25;
const random = randomFrom(Number(values.seed));
const coverage = startCoverage(target.code ?? '/source/');
const corpus: string[] = [];
let runs = 0;

async function attempt(input: string): Promise<void> {
  if (target === undefined) return;
  runs += 1;
  if (values.at !== undefined) writeFileSync(values.at, input);
  try {
    await check(target, input);
  } catch (error) {
    const fault = error instanceof Error ? (error.stack ?? error.message) : String(error);
    process.stdout.write(`${JSON.stringify({ runs, input, fault: fault.slice(0, 2000) })}\n`);
    process.exit(1);
  }
}

/** To read the counters takes longer than most runs, so it is done for many at once, and again for each if it is worth it. */
async function attemptAll(mutants: readonly string[]): Promise<void> {
  for (const input of mutants) await attempt(input);
  if (!coverage.isNew()) return;
  for (const input of mutants) {
    await attempt(input);
    if (!coverage.isNew()) continue;
    coverage.note();
    corpus.push(input);
    if (values.keep && input.length <= longestKept) await keep(target?.name ?? '', input);
  }
}

for (const input of [...target.seeds, ...(await readCorpus(target.name))]) {
  await attempt(input);
  coverage.isNew();
  coverage.note();
  corpus.push(input);
}
const given = corpus.length;
const until = Date.now() + Number(values.seconds) * 1000;
while (Date.now() < until) {
  const mutants = Array.from({ length: batch }, () =>
    mutate(random.pick(corpus), random.pick(corpus), target.words ?? [], random),
  );
  await attemptAll(mutants);
}
coverage.stop();
process.stdout.write(`${JSON.stringify({ runs, found: corpus.length - given })}\n`);
process.exit(0);
