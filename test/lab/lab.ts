import { existsSync } from 'node:fs';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { buildTool, isBuilt } from './build.ts';
import { Missing } from './missing.ts';
import { installPackages } from './packages.ts';
import { parts } from './parts/all.ts';
import type { Part } from './parts/part.ts';
import { removeSshdTraces } from './parts/sshd.ts';
import { logFile, runningPid, startProcess, stopMarked, stopProcess } from './processes.ts';
import { beginRun, openRun, type Run, removeRun } from './run.ts';
import { say } from './say.ts';
import { findTool, tools } from './tools.ts';

/** Starts what does not run yet; returns what could not be had. */
export async function up(): Promise<{ run: Run; missing: Missing[] }> {
  const missing = [...(await installPackages()), ...(await buildTools())];
  const run = await beginRun();
  missing.push(...(await ensureParts(run, parts)));
  return { run, missing };
}

async function buildTools(): Promise<Missing[]> {
  const missing: Missing[] = [];
  for (const tool of tools) {
    try {
      await buildTool(tool);
    } catch (error) {
      if (!(error instanceof Missing)) throw error;
      missing.push(error);
    }
  }
  return missing;
}

/** Starts parts as soon as those that they wait for answer, all others at the same time. */
export async function ensureParts(run: Run, wanted: readonly Part[]): Promise<Missing[]> {
  const outcomes = new Map<string, Promise<Missing | undefined>>();
  for (const part of wanted) {
    const before = part.after.flatMap(id => outcomes.get(id) ?? []);
    const attempt = async () => {
      const failed = (await Promise.all(before)).find(outcome => outcome !== undefined);
      if (failed !== undefined) throw new Missing(part.id, `it needs ${failed.part}`, part.loses);
      await ensurePart(run, part);
    };
    outcomes.set(
      part.id,
      attempt().then(
        () => undefined,
        error => (error instanceof Missing ? error : new Missing(part.id, messageOf(error), part.loses)),
      ),
    );
  }
  return (await Promise.all(outcomes.values())).filter(outcome => outcome !== undefined);
}

const settledMark = (run: Run, part: Part) => run.path('run', `${part.id}.settled`);

async function ensurePart(run: Run, part: Part): Promise<void> {
  if (!(await isUp(run, part))) {
    const file = part.files.find(each => !existsSync(each));
    if (file !== undefined) throw new Missing(part.id, `${file} is not there`, part.loses);
    const tool = part.tools.map(findTool).find(each => !isBuilt(each));
    if (tool !== undefined) throw new Missing(part.id, `${tool.id} is not built`, part.loses);
    await stopProcess(run.folder, part.id);
    await rm(settledMark(run, part), { force: true });
    await startProcess(run.folder, run.id, part.id, await part.prepare(run));
    say(`waiting for ${part.id} at ${part.address(run)}`);
    await untilReady(run, part);
  }
  if (part.settle !== undefined && !existsSync(settledMark(run, part))) {
    await part.settle(run);
    await writeFile(settledMark(run, part), '');
  }
  say(`${part.id} answers`);
}

export const isUp = async (run: Run, part: Part) =>
  (await runningPid(run.folder, part.id)) !== undefined && (await part.ready(run));

async function untilReady(run: Run, part: Part): Promise<void> {
  const deadline = performance.now() + part.patienceSeconds * 1000;
  while (!(await part.ready(run))) {
    const ended = (await runningPid(run.folder, part.id)) === undefined;
    if (ended || performance.now() > deadline) {
      const fate = ended ? 'it ended' : `it does not answer after ${part.patienceSeconds} s`;
      throw new Error(`${fate}; the end of its log:\n${await logTail(run, part.id, 8)}`);
    }
    await pause(200);
  }
}

export async function logTail(run: Run, part: string, lines: number): Promise<string> {
  const text = await readFile(logFile(run.folder, part), 'utf8').catch(() => '');
  return text.trimEnd().split('\n').slice(-lines).join('\n');
}

/** Ends parts: first those that others do not wait for. */
export async function stopParts(run: Run, wanted: readonly Part[]): Promise<void> {
  const left = new Set(wanted);
  while (left.size > 0) {
    const idle = [...left].filter(part => ![...left].some(other => other.after.includes(part.id)));
    await Promise.all(idle.map(part => stopProcess(run.folder, part.id)));
    for (const part of idle) left.delete(part);
  }
}

/** Leaves no process and no file of the run. */
export async function down(): Promise<boolean> {
  const run = await openRun();
  if (run === undefined) return false;
  await stopParts(run, parts);
  const others = await stopMarked(run.id);
  if (others > 0) say(`ended ${others} processes that parts had left behind`);
  await removeSshdTraces(run);
  await removeRun(run);
  return true;
}

const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error));
