import path from 'node:path';
import type Conf from 'conf';
import * as v from 'valibot';
import { UserError } from '../errors.ts';
import { makePrivateFolder, readTextFile } from './files.ts';
import { assertOwn } from './ownership.ts';
import type { Paths } from './paths.ts';

/** A portal the person has used, and what they decided about it. */
export type RememberedPortal = {
  loginLink: string;
  /** PEM of the certificate they chose to trust. */
  ca?: string;
  identityProvider?: string;
  /** API servers of the clusters that were chosen. */
  clusters?: string[];
  method?: '1' | '2' | 'token';
  signInTime?: 'all' | 'first' | 'none';
  /** Milliseconds since the epoch. */
  lastUsed: number;
};

type Settings = {
  portals: RememberedPortal[];
  /** Where refresh tokens live when neither a flag nor the environment says. */
  credentialStore?: string;
  /** Whether the wizard speaks to a screen reader. */
  screenReader?: boolean;
};

const mostPortals = 50;
const configName = 'settings';

async function open(paths: Paths): Promise<Conf<Settings>> {
  // Conf makes the folder with the default mode.
  await makePrivateFolder(paths.config);
  // It holds whom to trust for a portal.
  assertOwn(path.join(paths.config, `${configName}.json`));
  // It compiles schemas as it is loaded, which takes a part of the wizard's start.
  const { default: Store } = await import('conf');
  try {
    return new Store<Settings>({
      cwd: paths.config,
      configName,
      configFileMode: 0o600,
      accessPropertiesByDotNotation: false,
      defaults: { portals: [] },
      schema: {
        portals: {
          type: 'array',
          items: {
            type: 'object',
            required: ['loginLink', 'lastUsed'],
            properties: {
              loginLink: { type: 'string' },
              ca: { type: 'string' },
              identityProvider: { type: 'string' },
              clusters: { type: 'array', items: { type: 'string' } },
              method: { enum: ['1', '2', 'token'] },
              signInTime: { enum: ['all', 'first', 'none'] },
              lastUsed: { type: 'number' },
            },
          },
        },
        credentialStore: { type: 'string' },
        screenReader: { type: 'boolean' },
      },
    });
  } catch (error) {
    throw explain(error, paths);
  }
}

/** A disk that is full must not be told as settings that are damaged: the advice is to remove those. */
function explain(cause: unknown, { config }: Paths): UserError {
  if (cause instanceof Error && 'syscall' in cause) {
    return new UserError('IO', `Could not write the settings in ${config}.`, {
      hint: 'Check that the folder has room and belongs to you.',
      cause,
    });
  }
  return new UserError('STORE_INVALID', `The settings in ${config} cannot be read.`, {
    hint: 'Mend or remove settings.json there. Profiles and credentials are kept elsewhere and are not lost by it.',
    cause,
  });
}

/** Portals used before, the latest first. */
export async function rememberedPortals(paths: Paths): Promise<RememberedPortal[]> {
  const { portals = [] } = await look(paths);
  return [...portals].sort((a, b) => b.lastUsed - a.lastUsed);
}

/** The setting `credentialStore`, as it stands in the file. */
export async function credentialStoreSetting(paths: Paths): Promise<string | undefined> {
  return (await look(paths)).credentialStore;
}

/** The setting `screenReader`. */
export async function screenReaderSetting(paths: Paths): Promise<boolean> {
  return (await look(paths)).screenReader === true;
}

const schema = v.object({
  portals: v.optional(
    v.array(
      v.object({
        loginLink: v.string(),
        ca: v.exactOptional(v.string()),
        identityProvider: v.exactOptional(v.string()),
        clusters: v.exactOptional(v.array(v.string())),
        method: v.exactOptional(v.picklist(['1', '2', 'token'])),
        signInTime: v.exactOptional(v.picklist(['all', 'first', 'none'])),
        lastUsed: v.number(),
      }),
    ),
  ),
  credentialStore: v.exactOptional(v.string()),
  screenReader: v.exactOptional(v.boolean()),
});

/** The wizard's first screen waits for this one, so Conf, which is slow to load, does the writing only. */
async function look(paths: Paths): Promise<v.InferOutput<typeof schema>> {
  const file = path.join(paths.config, `${configName}.json`);
  assertOwn(file);
  const content = await readTextFile(file);
  if (content === undefined) return {};
  try {
    return v.parse(schema, JSON.parse(content));
  } catch (error) {
    throw explain(error, paths);
  }
}

/** @throws UserError STORE_INVALID, IO */
export async function rememberPortal(paths: Paths, portal: RememberedPortal): Promise<void> {
  const settings = await open(paths);
  try {
    const others = settings.get('portals').filter(other => other.loginLink !== portal.loginLink);
    settings.set('portals', [portal, ...others].slice(0, mostPortals));
  } catch (error) {
    throw explain(error, paths);
  }
}
