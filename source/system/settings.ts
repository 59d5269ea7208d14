import path from 'node:path';
import Conf from 'conf';
import * as v from 'valibot';
import { UserError } from '../errors.ts';
import { makePrivateFolder, readTextFile, replaceFile } from './files.ts';
import type { Paths } from './paths.ts';

const portalSchema = v.object({
  loginLink: v.string(),
  /** PEM of the certificate they chose to trust. */
  ca: v.optional(v.string()),
  identityProvider: v.optional(v.string()),
  /** Milliseconds since the epoch. */
  lastUsed: v.number(),
});

/** What of the file this module looks after; the settings beside it have a schema of their own. */
const fileSchema = v.looseObject({ portals: v.optional(v.array(portalSchema), []) });

/** A portal the person has used, and what they decided about it. */
export type RememberedPortal = v.InferOutput<typeof portalSchema>;

const mostPortals = 50;
const configName = 'settings';

export function settingsFile(paths: Paths): string {
  return path.join(paths.config, `${configName}.json`);
}

/**
 * Everything in the file of settings; nothing when there is none.
 * @throws UserError STORE_INVALID
 */
export async function readSettings(paths: Paths): Promise<v.InferOutput<typeof fileSchema>> {
  return parseSettings((await readTextFile(settingsFile(paths))) ?? '{}', paths);
}

function parseSettings(text: string, paths: Paths): v.InferOutput<typeof fileSchema> {
  try {
    return v.parse(fileSchema, JSON.parse(text));
  } catch (error) {
    throw unreadable(paths, error);
  }
}

async function open(paths: Paths): Promise<Conf<Record<string, unknown>>> {
  // Conf makes the folder with the default mode.
  await makePrivateFolder(paths.config);
  try {
    return new Conf<Record<string, unknown>>({
      cwd: paths.config,
      configName,
      configFileMode: 0o600,
      accessPropertiesByDotNotation: false,
    });
  } catch (error) {
    throw unreadable(paths, error);
  }
}

function unreadable(paths: Paths, cause: unknown): UserError {
  return new UserError('STORE_INVALID', `The settings in ${paths.config} cannot be read.`, {
    hint: 'Mend or remove settings.json there. Profiles and credentials are kept elsewhere and are not lost by it.',
    cause,
  });
}

/** Portals used before, the latest first. */
export async function rememberedPortals(paths: Paths): Promise<RememberedPortal[]> {
  const { portals } = await readSettings(paths);
  return [...portals].sort((a, b) => b.lastUsed - a.lastUsed);
}

export async function rememberPortal(paths: Paths, portal: RememberedPortal): Promise<void> {
  const others = (await rememberedPortals(paths)).filter(other => other.loginLink !== portal.loginLink);
  (await open(paths)).set('portals', [portal, ...others].slice(0, mostPortals));
}

/** @param value undefined takes the setting away */
export async function writeSetting(paths: Paths, key: string, value: unknown): Promise<void> {
  // Refused before anything is written.
  await readSettings(paths);
  const file = await open(paths);
  if (value === undefined) file.delete(key);
  else file.set(key, value);
}

/**
 * Gives the whole file another content.
 * @throws UserError STORE_INVALID when it is none
 */
export async function replaceSettings(paths: Paths, text: string): Promise<void> {
  parseSettings(text, paths);
  await replaceFile(settingsFile(paths), text);
}
