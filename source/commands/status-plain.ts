import { parseArgs } from 'node:util';
import { UserError } from '../errors.ts';
import type { Profile } from '../profiles/profile.ts';
import { parseProfileName } from '../profiles/profile-name.ts';
import { findProfile, listProfiles } from '../profiles/registry.ts';
import { collectStatus, type ProfileStatus } from '../status/profile-status.ts';
import { formatProfile, formatTable } from '../status/table.ts';
import { type Paths, pathsOf } from '../system/paths.ts';
import { type Streams, write } from '../system/streams.ts';

export type StatusFlags = {
  readonly json?: boolean;
  readonly watch?: boolean;
  readonly checkServer?: boolean;
  readonly exitCode?: boolean;
};

type PlainCall = { readonly names: readonly string[]; readonly flags: StatusFlags };

/**
 * The flags of a plain call, which is most of them; people call `status` in prompts and loops.
 * @returns undefined where there is more to do or to tell: servers, a clock, an error, help
 */
export function parsePlainStatus(args: readonly string[]): PlainCall | undefined {
  const options = { json: { type: 'boolean' }, 'exit-code': { type: 'boolean' } } as const;
  try {
    const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true });
    return {
      names: positionals,
      flags: { json: values.json === true, exitCode: values['exit-code'] === true },
    };
  } catch {
    return undefined;
  }
}

/** Prints what is known here of every profile, or of those named. */
export async function plainStatus({ names, flags }: PlainCall, streams: Streams): Promise<void> {
  const { rows } = await statusRows(names, pathsOf(streams.env));
  await printStatus(rows, { names, flags }, streams);
}

export async function statusRows(
  names: readonly string[],
  paths: Paths,
): Promise<{ rows: ProfileStatus[]; chosen: readonly Profile[] }> {
  const wanted = names.map(parseProfileName);
  const profiles = await listProfiles(paths);
  const chosen = wanted.length === 0 ? profiles : wanted.map(name => findProfile(profiles, name));
  // How far apart tokens are is told by all profiles, also when one is asked for.
  const rows = (await collectStatus(profiles, paths)).filter(row =>
    chosen.some(({ name }) => name === row.name),
  );
  return { rows, chosen };
}

export async function printStatus(
  rows: readonly ProfileStatus[],
  { names, flags }: PlainCall,
  { env, stdout }: Streams,
): Promise<void> {
  const view = { columns: stdout.isTTY ? stdout.columns || 80 : undefined, env, now: Date.now() };
  const text = flags.json
    ? `${JSON.stringify({ profiles: rows }, undefined, 2)}\n`
    : names.length > 0
      ? `${rows.map(row => formatProfile(row, view)).join('\n\n')}\n`
      : formatTable(rows, view);
  await write(stdout, text);
  if (flags.exitCode) requireLogins(rows);
}

/** A token that its API server rejects needs a login as much as one that is over. */
function requireLogins(rows: readonly ProfileStatus[]): void {
  const needing = rows.filter(row => row.needsLogin || row.serverReview?.answer === 'rejected');
  const [first] = needing;
  if (first === undefined) return;
  const list = needing.map(({ name }) => name).join(', ');
  throw new UserError('LOGIN_NEEDED', `A login is needed for: ${list}.`, {
    hint: `Run: dkp-auth login --profile ${first.name}`,
    isTold: true,
  });
}
