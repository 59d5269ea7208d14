import * as v from 'valibot';
import { UserError } from '../errors.ts';
import type { Environment, Paths } from '../system/paths.ts';
import { readSettings } from '../system/settings.ts';
import { settingsFile } from '../system/settings-file.ts';
import type { Streams } from '../system/streams.ts';
import { plainText } from '../text.ts';
import type { Setting, SettingValue } from './kinds.ts';
import { type SettingKey, settingKeys, settings } from './schema.ts';

/** Where a value comes from; the first of these that says something counts. A flag comes before all of them. */
export const origins = ['environment', 'file', 'default'] as const;
export type Origin = (typeof origins)[number];

export type Resolved = {
  readonly key: SettingKey;
  /** undefined where nothing is set and nothing holds by default. */
  readonly value: SettingValue | undefined;
  readonly origin: Origin;
};

/** @throws UserError USAGE naming what would be right */
export function findSetting(name: string): SettingKey {
  const key = settingKeys.find(candidate => candidate === name);
  if (key !== undefined) return key;
  const near = settingKeys.find(candidate => isNear(candidate, name));
  throw new UserError('USAGE', `There is no setting "${plainText(name, 80)}".`, {
    hint: near === undefined ? `There are: ${settingKeys.join(', ')}.` : `Did you mean ${near}?`,
  });
}

/** Spelled in another way (`credential-store`, `proxi`), or begun. */
function isNear(key: string, name: string): boolean {
  const [one, other] = [key, name].map(text => text.toLowerCase().replace(/[^a-z]/g, ''));
  if (one === undefined || other === undefined || other.length < 3) return false;
  return one === other || one.startsWith(other) || other.startsWith(one) || oneLetterApart(one, other);
}

function oneLetterApart(one: string, other: string): boolean {
  if (Math.abs(one.length - other.length) > 1) return false;
  let start = 0;
  while (start < one.length && one[start] === other[start]) start++;
  const skip = (text: string, count: number) => text.slice(start + count);
  return (
    skip(one, 1) === skip(other, 1) || skip(one, 1) === skip(other, 0) || skip(one, 0) === skip(other, 1)
  );
}

/** @throws UserError USAGE */
export function parseValue(key: SettingKey, text: string, named: string = key): SettingValue {
  const value = settings[key].parse(text);
  if (value !== undefined) return value;
  throw new UserError(
    'USAGE',
    `${named} takes ${settings[key].takes}; "${plainText(text, 80)}" is not that.`,
    { hint: 'See dkp-auth config list.' },
  );
}

/**
 * What holds for every setting, and who says so.
 * @throws UserError USAGE for a variable, STORE_INVALID for the file
 */
export async function resolveSettings(paths: Paths, env: Environment): Promise<Resolved[]> {
  const stored = await readSettings(paths);
  return settingKeys.map(key => fromEnvironment(key, env) ?? fromFile(key, stored, paths));
}

function fromEnvironment(key: SettingKey, env: Environment): Resolved | undefined {
  const { variable }: Setting = settings[key];
  const text = env[variable];
  return text ? { key, value: parseValue(key, text, variable), origin: 'environment' } : undefined;
}

function fromFile(key: SettingKey, stored: Record<string, unknown>, paths: Paths): Resolved {
  const { inFile, fallback }: Setting = settings[key];
  if (stored[key] === undefined) return { key, value: fallback, origin: 'default' };
  const result = v.safeParse(inFile, stored[key]);
  if (!result.success) throw badInFile(key, paths);
  return { key, value: result.output, origin: 'file' };
}

function badInFile(key: SettingKey, paths: Paths): UserError {
  return new UserError('STORE_INVALID', `${settingsFile(paths)} has a ${key} that is none.`, {
    hint: `It takes ${settings[key].takes}. Run dkp-auth config set ${key} VALUE, or dkp-auth config unset ${key}.`,
  });
}

/** What of the file cannot stand there, for those who look it over; in the words of an error. */
export function faultsOf(stored: Record<string, unknown>): string[] {
  return Object.entries(stored).flatMap(([name, value]) => {
    if (name === 'portals' || name.startsWith('__')) return [];
    const key = settingKeys.find(candidate => candidate === name);
    if (key === undefined) return [`there is no setting "${plainText(name, 80)}"`];
    return v.is(settings[key].inFile, value) ? [] : [`${key} takes ${settings[key].takes}`];
  });
}

/**
 * The streams of a command, whose environment says what the settings file does where the environment itself is silent: so
 * everything below reads one place.
 * @throws UserError STORE_INVALID
 */
export async function withSettings(streams: Streams, paths: Paths): Promise<Streams> {
  const { env } = streams;
  const stored = await readSettings(paths);
  const told = settingKeys.flatMap(key => {
    const { variable }: Setting = settings[key];
    if (env[variable] || stored[key] === undefined) return [];
    return [[variable, String(fromFile(key, stored, paths).value)]];
  });
  return { ...streams, env: { ...env, ...Object.fromEntries(told) } };
}

/** Flags that were not given, as the environment has them. */
export function flagsFrom<Flags extends object>(flags: Flags, env: Environment): Flags {
  const told = settingKeys.flatMap(key => {
    const { flag, variable }: Setting = settings[key];
    const text = env[variable];
    if (flag === undefined || !text || Object.hasOwn(flags, flag)) return [];
    return [[flag, String(parseValue(key, text, variable))]];
  });
  return { ...Object.fromEntries(told), ...flags };
}
