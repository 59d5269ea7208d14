import fs from 'node:fs';
import os from 'node:os';
import { loginNeeded, parsePlainStatus, statusRows, statusText } from './commands/status-plain.ts';
import { asksToDebug } from './debug-flags.ts';
import { runToEnd } from './run-to-end.ts';
import { pathsOf } from './system/paths.ts';
import { writeNow } from './system/write-now.ts';

/**
 * `dkp-auth status` without the code of the other commands, and without what Node loads for streams and signals.
 * @returns whether the call was served; one that was not has printed nothing, and is for the other commands to explain
 */
export async function statusAlone(args: readonly string[]): Promise<boolean> {
  const { env } = process;
  const call = asksToDebug(env) ? undefined : parsePlainStatus(args);
  const rows = call && (await statusRows(call.names, pathsOf(env)).catch(() => undefined))?.rows;
  if (call === undefined || rows === undefined) return false;
  writeNow(statusText(rows, call, { env, columns: columnsOfOutput() }));
  const refusal = call.flags.exitCode ? loginNeeded(rows) : undefined;
  if (refusal !== undefined) {
    await runToEnd({ name: 'dkp-auth', json: call.flags.json === true }, () => Promise.reject(refusal));
  }
  return true;
}

/** Undefined where nobody looks: only what may be a terminal is worth loading all that Node has for one. */
function columnsOfOutput(): number | undefined {
  try {
    const output = fs.fstatSync(1);
    if (!output.isCharacterDevice() || output.rdev === fs.statSync(os.devNull).rdev) return undefined;
  } catch {}
  return process.stdout.isTTY ? process.stdout.columns || 80 : undefined;
}
