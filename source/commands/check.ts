import { check as findFaults } from '../check/check.ts';
import { chooseFiles } from '../check/choose-files.ts';
import { counts, type Finding } from '../check/finding.ts';
import { inspectMachine } from '../check/inspect-machine.ts';
import { filesOf, type Landscape, surveyOf } from '../check/landscape.ts';
import { readSources } from '../check/read-sources.ts';
import { findingsDocument } from '../check/report-json.ts';
import { sarifDocument } from '../check/report-sarif.ts';
import { countFindings, formatCounts, formatFindings } from '../check/report-text.ts';
import { UserError } from '../errors.ts';
import { keepMemorySmall } from '../system/memory.ts';
import { type Environment, type Paths, pathsOf } from '../system/paths.ts';
import { type Streams, write } from '../system/streams.ts';

/** The flags of `dkp-auth check` as they were typed. */
export type CheckFlags = {
  readonly fix?: boolean;
  readonly yes?: boolean;
  readonly dryRun?: boolean;
  readonly workspace?: string;
  readonly json?: boolean;
  readonly sarif?: boolean;
};

/** Looks at kubeconfigs, all of them together, and tells what is wrong with them; with `--fix`, mends what it can first. */
export async function check(
  named: readonly string[],
  flags: CheckFlags,
  streams: Streams,
  signal: AbortSignal,
): Promise<void> {
  assertSensible(flags);
  keepMemorySmall();
  const { env, stdout } = streams;
  const paths = pathsOf(env);
  let looked = await look(named, env, paths);
  let fixed: object | undefined;
  if (flags.fix) {
    const { fix } = await import('../check/fix/run.ts');
    const { fixDocument, formatOutcomes } = await import('../check/fix/report.ts');
    const wishes = {
      yes: flags.yes === true,
      dryRun: flags.dryRun === true,
      quiet: flags.json === true,
    };
    const context = { env, paths, signal, workspace: flags.workspace, streams };
    const { plan, outcomes } = await fix(looked.landscape, wishes, context);
    fixed = fixDocument(plan, outcomes);
    if (outcomes !== undefined) {
      if (!flags.json) await write(stdout, formatOutcomes(outcomes, plan));
      looked = await look(named, env, paths);
    } else {
      const document = { fix: fixed, ...findingsDocument(looked.files, looked.findings) };
      if (flags.json) await write(stdout, toJson(document));
      return;
    }
  }
  const { files, findings } = looked;
  if (flags.sarif) await write(stdout, toJson(sarifDocument(findings, process.cwd())));
  else if (flags.json) {
    await write(stdout, toJson({ ...(fixed && { fix: fixed }), ...findingsDocument(files, findings) }));
  } else await write(stdout, findings.length > 0 ? formatFindings(findings) : cleanText(files));
  assertClean(findings, files);
}

type Looked = {
  readonly landscape: Landscape;
  readonly files: readonly string[];
  readonly findings: readonly Finding[];
};

async function look(named: readonly string[], env: Environment, paths: Paths): Promise<Looked> {
  const sources = await readSources(await chooseFiles(named, { env, paths }), paths);
  const landscape = surveyOf(sources, await inspectMachine(filesOf(sources), env));
  const files = [...filesOf(sources), ...sources.unreadable].map(({ path }) => path);
  return { landscape, files, findings: findFaults(landscape) };
}

function assertSensible({ json, sarif, fix, yes, dryRun, workspace }: CheckFlags): void {
  if (json && sarif) throw new UserError('USAGE', '--json and --sarif are two ways to print one result.');
  if (sarif && fix) throw new UserError('USAGE', '--sarif tells what was found; --fix changes it.');
  if (!fix && (yes || dryRun || workspace !== undefined)) {
    throw new UserError('USAGE', '--yes, --dry-run and --workspace belong to --fix.');
  }
}

function cleanText(files: readonly string[]): string {
  if (files.length === 0) return 'There is no kubeconfig to look at.\n';
  return `Nothing was found in ${files.length === 1 ? 'the file' : `the ${files.length} files`}.\n`;
}

/** @throws UserError FINDINGS */
function assertClean(findings: readonly Finding[], files: readonly string[]): void {
  if (!findings.some(counts)) return;
  const where = files.length === 1 ? 'one file' : `${files.length} files`;
  throw new UserError('FINDINGS', `Found ${formatCounts(countFindings(findings))} in ${where}.`, {
    isTold: true,
  });
}

function toJson(document: object): string {
  return `${JSON.stringify(document, undefined, 2)}\n`;
}
