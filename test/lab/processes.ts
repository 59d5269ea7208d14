import { spawn } from 'node:child_process';
import { closeSync, openSync, readdirSync, readFileSync, writeSync } from 'node:fs';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

export type Launch = {
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Written to the program's standard input, which is closed after it. */
  readonly input?: string;
};

type Started = { readonly pid: number; readonly born: string };

/** The variable that marks every process of one run, so that `down` finds what others started for it, too. */
export const runVariable = 'DKP_AUTH_LAB_RUN';

const pidFile = (folder: string, part: string) => join(folder, 'run', `${part}.json`);
export const logFile = (folder: string, part: string) => join(folder, 'logs', `${part}.log`);

/** The kernel's start time of a process: with it a process id that was given out again is not taken for the old one. */
function birth(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' ? undefined : fields[19];
  } catch {
    return undefined;
  }
}

export async function runningPid(folder: string, part: string): Promise<number | undefined> {
  try {
    const started = JSON.parse(await readFile(pidFile(folder, part), 'utf8')) as Started;
    return birth(started.pid) === started.born ? started.pid : undefined;
  } catch {
    return undefined;
  }
}

/** Starts a part that outlives this process; what it prints goes to its log. */
export async function startProcess(folder: string, run: string, part: string, launch: Launch): Promise<void> {
  const log = openSync(logFile(folder, part), 'a', 0o600);
  writeSync(log, `--- ${new Date().toISOString()} ${launch.command} ${launch.args.join(' ')}\n`);
  try {
    const child = spawn(launch.command, launch.args, {
      cwd: folder,
      detached: true,
      stdio: [launch.input === undefined ? 'ignore' : 'pipe', log, log],
      env: { ...process.env, ...launch.env, [runVariable]: run },
    });
    const spawned = new Promise<void>((resolve, reject) => {
      child.once('spawn', resolve);
      child.once('error', reject);
    });
    await spawned;
    child.stdin?.end(launch.input);
    const born = child.pid === undefined ? undefined : birth(child.pid);
    if (child.pid === undefined || born === undefined) throw new Error(`${part} ended at once`);
    await writeFile(pidFile(folder, part), JSON.stringify({ pid: child.pid, born } satisfies Started), {
      mode: 0o600,
    });
    child.unref();
  } finally {
    closeSync(log);
  }
}

/** Ends one part with all that it started in its process group. */
export async function stopProcess(folder: string, part: string): Promise<boolean> {
  const pid = await runningPid(folder, part);
  if (pid !== undefined) await end([pid], id => -id);
  await rm(pidFile(folder, part), { force: true });
  return pid !== undefined;
}

/** Every process that carries the mark of the run. */
export function markedProcesses(run: string): number[] {
  return readdirSync('/proc')
    .filter(name => /^\d+$/.test(name))
    .map(Number)
    .filter(pid => environmentOf(pid).includes(`${runVariable}=${run}`));
}

export async function stopMarked(run: string): Promise<number> {
  const marked = markedProcesses(run);
  await end(marked, id => id);
  return marked.length;
}

function environmentOf(pid: number): string[] {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0');
  } catch {
    return [];
  }
}

async function end(pids: readonly number[], target: (pid: number) => number): Promise<void> {
  const born = new Map(pids.map(pid => [pid, birth(pid)]));
  const alive = () => pids.filter(pid => born.get(pid) !== undefined && birth(pid) === born.get(pid));
  for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
    for (const pid of alive()) {
      try {
        process.kill(target(pid), signal);
      } catch {
        // It ended in between.
      }
    }
    for (let waited = 0; waited < 8000 && alive().length > 0; waited += 50) await pause(50);
  }
  if (alive().length > 0) throw new Error(`processes ${alive().join(', ')} do not end`);
}
