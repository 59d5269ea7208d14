import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { version } from '../../source/version.ts';
import { cachedPath } from './cached-path.ts';
import { firstFrame } from './first-frame.ts';
import type { Figure, Measurement } from './harness.ts';
import { kubeconfigs } from './kubeconfigs.ts';
import { kubectl } from './kubectl.ts';
import { logins } from './logins.ts';
import { longList } from './long-list.ts';
import { callers500, manyCallers } from './many-callers.ts';
import { memory } from './memory.ts';
import { nodePath } from './node-path.ts';
import { profiles5000 } from './profiles-5000.ts';
import { formatReport, type Result, thisMachine } from './report.ts';
import { status } from './status.ts';
import { twoDays } from './two-days.ts';

const all: readonly Measurement[] = [
  cachedPath,
  nodePath,
  status,
  kubectl,
  firstFrame,
  longList,
  manyCallers,
  callers500,
  profiles5000,
  logins,
  twoDays,
  kubeconfigs,
  memory,
];
const usualRuns = 60;
const report = path.join(import.meta.dirname, '..', '..', 'docs', 'benchmarks.md');

const help = `Measures the program against bare commands and a peer. Usage: npm run bench -- [options]

  --only NAME   one measurement; repeat for more: ${all.map(({ name }) => name).join(', ')}
  --runs N      rounds of each measurement, ${usualRuns} when not given
  --json        one JSON document on stdout

Writes docs/benchmarks.md when everything is measured. kubectl and kubelogin are built by scripts/lab, which needs Go.
`;

const { values } = parseArgs({
  options: {
    only: { type: 'string', multiple: true, default: [] },
    runs: { type: 'string', default: String(usualRuns) },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
const runs = Number(values.runs);
const unknown = values.only.filter(name => !all.some(each => each.name === name));
if (values.help) {
  process.stdout.write(help);
} else if (!Number.isInteger(runs) || runs < 1 || unknown.length > 0) {
  process.stderr.write(`bench: there is no ${unknown[0] ?? `--runs ${values.runs}`}\n\n${help}`);
  process.exitCode = 2;
} else {
  await measureAll(all.filter(({ name }) => values.only.length === 0 || values.only.includes(name)));
}

async function measureAll(wanted: readonly Measurement[]): Promise<void> {
  const machine = thisMachine();
  const date = new Date().toISOString().slice(0, 10);
  const results: Result[] = [];
  for (const measurement of wanted) {
    process.stderr.write(`bench: ${measurement.name}\n`);
    const figures = await measure(measurement);
    for (const figure of figures) process.stderr.write(`  ${inWords(figure)}\n`);
    results.push({ measurement, figures });
  }
  if (values.json) {
    const measured = results.map(({ measurement: { name }, figures }) => ({ name, figures }));
    process.stdout.write(`${JSON.stringify({ version, date, runs, machine, measured })}\n`);
  }
  if (wanted.length === all.length) {
    await writeFile(report, formatReport(results, { machine, date, runs, version }));
  }
  const missed = results.flatMap(({ figures }) => figures.filter(isMissed));
  process.stderr.write(
    missed.length === 0 ? 'bench: every target is met\n' : `bench: ${missed.length} targets are missed\n`,
  );
}

async function measure(measurement: Measurement): Promise<Figure[]> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'dkp-auth-bench-'));
  const ends: (() => Promise<void> | void)[] = [() => rm(folder, { recursive: true, force: true })];
  try {
    return await measurement.run({ runs, folder, after: end => void ends.unshift(end) });
  } finally {
    for (const end of ends) await end();
  }
}

function isMissed({ value, target }: Figure): boolean {
  return target !== undefined && (value === undefined || value > target);
}

function inWords(figure: Figure): string {
  const { what, value, unit, target, note } = figure;
  const found = value === undefined ? `not measured: ${note ?? ''}` : `${value.toFixed(2)} ${unit}`;
  const wanted = target === undefined ? '' : `, at most ${target}${isMissed(figure) ? ': MISSED' : ''}`;
  return `${what}: ${found}${wanted}`;
}
