import { UserError } from '../errors.ts';
import type { Profile } from '../profiles/profile.ts';
import { parseProfileName } from '../profiles/profile-name.ts';
import { findProfile, listProfiles } from '../profiles/registry.ts';
import { collectStatus, type ProfileStatus } from '../status/profile-status.ts';
import { formatProfile, formatTable } from '../status/table.ts';
import type { Environment, Paths } from '../system/paths.ts';

export type StatusFlags = {
  readonly json?: boolean;
  readonly watch?: boolean;
  readonly checkServer?: boolean;
  readonly exitCode?: boolean;
};

export type StatusCall = { readonly names: readonly string[]; readonly flags: StatusFlags };

/**
 * The flags of a plain call, which is most of them; people call `status` in prompts and loops.
 * @returns undefined where there is more to do or to tell: servers, a clock, an error, help
 */
export function parsePlainStatus(args: readonly string[]): StatusCall | undefined {
  const known = ['--json', '--exit-code'];
  const [flags, names] = [args.filter(arg => arg.startsWith('-')), args.filter(arg => !arg.startsWith('-'))];
  if (!flags.every(flag => known.includes(flag))) return undefined;
  return { names, flags: { json: flags.includes('--json'), exitCode: flags.includes('--exit-code') } };
}

export async function statusRows(
  names: readonly string[],
  paths: Paths,
): Promise<{ rows: ProfileStatus[]; chosen: readonly Profile[] }> {
  const wanted = new Set(names.map(parseProfileName));
  const profiles = await listProfiles(paths);
  for (const name of wanted) findProfile(profiles, name);
  const chosen = wanted.size === 0 ? profiles : profiles.filter(({ name }) => wanted.has(name));
  return { rows: await collectStatus(chosen, profiles, paths), chosen };
}

/** What is printed of rows: one document, or text for a terminal that is `columns` wide. */
export function statusText(
  rows: readonly ProfileStatus[],
  { names, flags }: StatusCall,
  { env, columns }: { readonly env: Environment; readonly columns: number | undefined },
): string {
  const view = { columns, env, now: Date.now() };
  if (flags.json) return `${JSON.stringify({ profiles: rows }, undefined, 2)}\n`;
  return names.length > 0
    ? `${rows.map(row => formatProfile(row, view)).join('\n\n')}\n`
    : formatTable(rows, view);
}

/**
 * With `--exit-code`: what to end with after the rows are printed. A token that its API server rejects needs a login as
 * much as one that is over.
 */
export function loginNeeded(rows: readonly ProfileStatus[]): UserError | undefined {
  const needing = rows.filter(row => row.needsLogin || row.serverReview?.answer === 'rejected');
  const [first] = needing;
  if (first === undefined) return undefined;
  const list = needing.map(({ name }) => name).join(', ');
  return new UserError('LOGIN_NEEDED', `A login is needed for: ${list}.`, {
    hint: `Run: dkp-auth login --profile ${first.name}`,
    isTold: true,
  });
}
