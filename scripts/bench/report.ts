import os from 'node:os';
import type { Figure, Measurement } from './harness.ts';

export type Result = { readonly measurement: Measurement; readonly figures: readonly Figure[] };

export type Machine = {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGb: number;
  readonly system: string;
  readonly node: string;
  readonly load: number;
};

export function thisMachine(): Machine {
  const cpus = os.cpus();
  return {
    cpu: cpus[0]?.model.trim() ?? 'unknown',
    cores: cpus.length,
    memoryGb: Math.round(os.totalmem() / 1024 ** 3),
    system: `${os.type()} ${os.release()} ${os.arch()}`,
    node: process.version,
    load: os.loadavg()[0] ?? 0,
  };
}

export function formatReport(
  results: readonly Result[],
  { machine, date, runs, version }: { machine: Machine; date: string; runs: number; version: string },
): string {
  const { cpu, cores, memoryGb, system, node, load } = machine;
  return `${[
    '# Benchmarks',
    '',
    '`npm run bench` measures this and writes it. All figures of a table are of one run on one machine, the subjects of every',
    'round one after the other and each round in another order, so that the ratios hold where the milliseconds do not. A value is',
    'the median of its rounds, a ratio the median of the ratios within the rounds.',
    '',
    `dkp-auth ${version}, ${date}, ${runs} rounds, Node ${node}; ${cpu}, ${cores} cores, ${memoryGb} GB, ${system}; load at the start ${load.toFixed(1)}.`,
    ...results.flatMap(({ measurement, figures }) => [
      '',
      `## ${measurement.title}`,
      '',
      measurement.method,
      '',
      '| what | figure | at most |',
      '| --- | ---: | ---: |',
      ...figures.map(row),
    ]),
  ].join('\n')}\n`;
}

function row(figure: Figure): string {
  const { what, target, unit, note } = figure;
  const value = figure.value === undefined ? `not measured: ${note ?? ''}` : shown(figure.value, unit);
  return `| ${what} | ${value} | ${target === undefined ? '' : shown(target, unit)} |`;
}

function shown(value: number, unit: Figure['unit']): string {
  if (unit === 'requests' || unit === 'times') return String(value);
  const text = value < 10 ? value.toFixed(2) : value.toFixed(1);
  return unit === 'ratio' ? text : `${text} ${unit}`;
}
