import { copyFile, rm, writeFile } from 'node:fs/promises';
import { styleText } from 'node:util';
import { Command } from 'commander';
import { buildTool } from './build.ts';
import { type LabDocument, readLab } from './document.ts';
import { down, ensureParts, logTail, stopParts, up } from './lab.ts';
import type { Missing } from './missing.ts';
import { findPart, parts } from './parts/all.ts';
import { forget, lifetimeFile, overlayFile } from './parts/dex.ts';
import { labFolder } from './places.ts';
import { logFile } from './processes.ts';
import { openRun, type Run } from './run.ts';
import { say } from './say.ts';
import { findTool, tools } from './tools.ts';
import { issuerIds } from './world.ts';

const print = (text: string) => process.stdout.write(`${text}\n`);
const ids = (list: readonly { readonly id: string }[]) => list.map(each => each.id).join(', ');

const program = new Command('lab')
  .description('Real servers on loopback to test dkp-auth against; see test/lab/README.md.')
  .addHelpText('after', `\nParts: ${ids(parts)}\nPrograms built: ${ids(tools)}\n`);

program
  .command('up')
  .description('install, build and start what is not there yet; wait until everything answers')
  .option('--json', 'print what `status --json` prints')
  .action(async (options: { json?: true }) => {
    const { missing } = await up();
    await report(options, missing);
  });

program
  .command('down')
  .description('end every process of the run and delete its files; what was built stays')
  .option('--json', 'print one JSON document')
  .action(async (options: { json?: true }) => {
    const ran = await down();
    if (options.json) print(JSON.stringify({ state: 'down' }));
    else say(ran ? 'down: no process and no file of the run is left' : 'nothing was up');
  });

program
  .command('status')
  .description('what runs, and everything needed to use it; exit code 1 unless all parts answer')
  .option('--json', 'print one JSON document')
  .action((options: { json?: true }) => report(options, []));

const partsNamed = (names: readonly string[]) => {
  const wanted = names.map(findPart);
  return parts.filter(part => wanted.includes(part));
};

program
  .command('stop')
  .description('end parts of a lab that is up; the others go on')
  .argument('<part...>')
  .action(async (names: string[]) => stopParts(await theRun(), partsNamed(names)));

program
  .command('start')
  .description('start parts that were stopped')
  .argument('<part...>')
  .action(async (names: string[]) => fail(await ensureParts(await theRun(), partsNamed(names))));

program
  .command('restart')
  .description('end parts and start them again')
  .argument('<part...>')
  .option('--forget', 'Dex comes back with new keys and no sessions; restart the API servers with it')
  .option(
    '--token-lifetime <duration>',
    "how long Dex's ID tokens are good from now on, as Go writes it: 30s",
    '24h',
  )
  .option(
    '--with <file>',
    "YAML whose fields replace those of Dex's configuration, until the next restart of a Dex",
  )
  .action(async (names: string[], options: { forget?: true; tokenLifetime: string; with?: string }) => {
    const run = await theRun();
    const wanted = partsNamed(names);
    await stopParts(run, wanted);
    if (options.forget) {
      for (const id of issuerIds) if (names.includes(id)) await forget(run, id);
    }
    await writeFile(lifetimeFile(run), options.tokenLifetime);
    if (options.with === undefined) await rm(overlayFile(run), { force: true });
    else await copyFile(options.with, overlayFile(run));
    fail(await ensureParts(run, wanted));
  });

program
  .command('logs')
  .description('the logs of the parts')
  .argument('[part...]', 'all of them by default')
  .option('--lines <number>', 'how many lines of each', '200')
  .option('--json', 'print the places of the logs')
  .action(async (names: string[], options: { lines: string; json?: true }) => {
    const run = await theRun();
    const wanted = names.length === 0 ? parts : names.map(findPart);
    if (options.json) {
      print(JSON.stringify(Object.fromEntries(wanted.map(part => [part.id, logFile(run.folder, part.id)]))));
      return;
    }
    for (const part of wanted) print(`==> ${part.id}\n${await logTail(run, part.id, Number(options.lines))}`);
  });

program
  .command('build')
  .description('build the programs that Debian does not have; prints the folder of each')
  .argument('[program...]', 'all of them by default')
  .option('--json', 'print one JSON document')
  .action(async (names: string[], options: { json?: true }) => {
    const wanted = names.length === 0 ? tools : names.map(findTool);
    const folders: Record<string, string> = {};
    for (const tool of wanted) folders[tool.id] = await buildTool(tool);
    print(options.json ? JSON.stringify(folders) : Object.values(folders).join('\n'));
  });

// Listed here for --help: scripts/lab itself does it, so that the lab goes down however the suite ends.
program
  .command('test')
  .description('run the suite in a lab of its own: up, the tests, down')
  .argument('[file...]', 'all of its tests by default');

async function theRun(): Promise<Run> {
  const run = await openRun();
  if (run === undefined) throw new Error('nothing is up; run scripts/lab up');
  return run;
}

function fail(missing: readonly Missing[]): void {
  for (const each of missing) process.stderr.write(`lab: ${each.message}\n`);
  if (missing.length > 0) process.exitCode = 1;
}

async function report(options: { json?: true }, missing: readonly Missing[]): Promise<void> {
  const lab = await readLab();
  const lost = missing.map(({ part, why, loses }) => ({ part, why, loses }));
  if (options.json)
    print(JSON.stringify({ ...(lab ?? { state: 'down', folder: labFolder() }), missing: lost }, null, 2));
  else if (lab === undefined) print('down');
  else print(inWords(lab));
  if (lab?.state !== 'up') process.exitCode = 1;
  fail(missing);
}

function inWords(lab: LabDocument): string {
  const mark = (answers: boolean) => (answers ? styleText('green', 'up  ') : styleText('red', 'down'));
  const rows = (list: readonly (readonly [string, string])[]) =>
    list.map(([name, text]) => `  ${name.padEnd(18)} ${text}`);
  return [
    ...lab.parts.map(part => `${mark(part.answers)} ${part.id.padEnd(15)} ${part.address}`),
    '',
    'Login links',
    ...rows(lab.portals.map(portal => [portal.name, `${portal.loginLink}  (CA ${portal.caFile})`])),
    `Issuers (CA ${lab.caFile})`,
    ...rows(lab.issuers.map(issuer => [`${issuer.id} ${issuer.version}`, issuer.issuer])),
    'API servers',
    ...rows(
      lab.servers.map(server => [`${server.name} ${server.version}`, `KUBECONFIG=${server.adminKubeconfig}`]),
    ),
    'People',
    ...rows(
      lab.users.map(user => [
        `${user.connector}: ${user.login || 'anybody'}`,
        `${user.password || '-'}  ${user.sees}`,
      ]),
    ),
    '',
    lab.state,
  ].join('\n');
}

try {
  await program.parseAsync();
} catch (error) {
  process.stderr.write(`lab: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
