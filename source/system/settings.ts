import path from 'node:path';
import * as v from 'valibot';
import { UserError } from '../errors.ts';
import {
  makePrivateFolder,
  putInPlace,
  readPrivateFile,
  readTextFile,
  removeFile,
  replaceFile,
  resolveLinks,
  temporaryFor,
} from './files.ts';
import { writerKey } from './leftovers.ts';
import { assertOwn } from './ownership.ts';
import type { Paths } from './paths.ts';
import { settingsFile } from './settings-file.ts';
import { reasonOf } from './system-error.ts';

const portalSchema = v.object({
  loginLink: v.string(),
  /** PEM of the certificate they chose to trust. */
  ca: v.optional(v.string()),
  identityProvider: v.optional(v.string()),
  /** API servers of the clusters that were chosen. */
  clusters: v.optional(v.array(v.string())),
  method: v.optional(v.picklist(['1', '2', 'token'])),
  signInTime: v.optional(v.picklist(['all', 'first', 'none'])),
  /** Milliseconds since the epoch. */
  lastUsed: v.number(),
});

/** What of the file this module looks after; the settings beside it have a schema of their own. */
const fileSchema = v.looseObject({ portals: v.optional(v.array(portalSchema), []) });

/** A portal the person has used, and what they decided about it. */
export type RememberedPortal = v.InferOutput<typeof portalSchema>;

const mostPortals = 50;

/**
 * Everything in the file of settings; nothing when there is none.
 * @throws UserError STORE_INVALID
 */
export async function readSettings(paths: Paths): Promise<v.InferOutput<typeof fileSchema>> {
  // It holds whom to trust for a portal.
  assertOwn(settingsFile(paths));
  return parseSettings((await readTextFile(settingsFile(paths))) ?? '{}', paths);
}

function parseSettings(text: string, paths: Paths): v.InferOutput<typeof fileSchema> {
  try {
    return v.parse(fileSchema, JSON.parse(text));
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

/** @throws UserError STORE_INVALID, IO */
export async function rememberPortal(paths: Paths, portal: RememberedPortal): Promise<void> {
  const others = (await rememberedPortals(paths)).filter(other => other.loginLink !== portal.loginLink);
  await change(paths, { portals: [portal, ...others].slice(0, mostPortals) });
}

async function change(paths: Paths, more: Readonly<Record<string, unknown>>): Promise<void> {
  const { portals, ...settings } = await readSettings(paths);
  const present = { ...settings, ...(portals.length > 0 && { portals }) };
  const whole = Object.entries({ ...present, ...more }).filter(([, value]) => value !== undefined);
  await makePrivateFolder(paths.config);
  const file = await resolveLinks(settingsFile(paths));
  const draft = temporaryFor(file, await writerKey());
  try {
    await writeDraft(draft, Object.fromEntries(whole), paths);
    await putInPlace(draft, file);
  } finally {
    // There is none left where it took its place.
    await removeFile(draft).catch(() => undefined);
  }
}

/**
 * conf writes them, but into a file beside theirs: its library takes a short write for a whole one, and would put half a file in
 * place when the disk is full. So what it wrote has to be read again first.
 */
async function writeDraft(draft: string, settings: Record<string, unknown>, paths: Paths): Promise<void> {
  // It compiles schemas as it is loaded, which takes long.
  const { default: Store } = await import('conf');
  try {
    const store = new Store<Record<string, unknown>>({
      cwd: path.dirname(draft),
      configName: path.basename(draft, '.tmp'),
      fileExtension: 'tmp',
      configFileMode: 0o600,
      accessPropertiesByDotNotation: false,
    });
    store.store = settings;
    parseSettings((await readPrivateFile(draft)) ?? '', paths);
  } catch (error) {
    const isOfSystem = error instanceof Error && 'syscall' in error;
    if (!isOfSystem && !(error instanceof UserError)) throw error;
    const reason = isOfSystem ? reasonOf(error) : 'the disk took only a part of it';
    throw new UserError('IO', `Could not write ${settingsFile(paths)}: ${reason}.`, {
      hint: 'Check that the folder has room and belongs to you.',
      cause: error,
    });
  }
}

/** @param value undefined takes the setting away */
export async function writeSetting(paths: Paths, key: string, value: unknown): Promise<void> {
  await change(paths, { [key]: value });
}

/**
 * Gives the whole file another content.
 * @throws UserError STORE_INVALID when it is none
 */
export async function replaceSettings(paths: Paths, text: string): Promise<void> {
  parseSettings(text, paths);
  await replaceFile(settingsFile(paths), text);
}
