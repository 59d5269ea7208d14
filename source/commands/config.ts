import path from 'node:path';
import { UserError } from '../errors.ts';
import type { Setting } from '../settings/kinds.ts';
import { faultsOf, findSetting, parseValue, type Resolved, resolveSettings } from '../settings/resolve.ts';
import { settings } from '../settings/schema.ts';
import { editText } from '../system/editor.ts';
import { readTextFile } from '../system/files.ts';
import { pathsOf, tildePath } from '../system/paths.ts';
import { readSettings, replaceSettings, writeSetting } from '../system/settings.ts';
import { settingsFile } from '../system/settings-file.ts';
import { canAsk, type Streams, write } from '../system/streams.ts';
import { plainText, shortList } from '../text.ts';

export async function configList(
  { origin, json }: { readonly origin?: boolean; readonly json?: boolean },
  { env, stdout, stderr }: Streams,
): Promise<void> {
  const paths = pathsOf(env);
  const resolved = await resolveSettings(paths, env);
  const file = tildePath(settingsFile(paths), env);
  if (json) return write(stdout, `${JSON.stringify({ settings: resolved.map(documentOf) }, undefined, 2)}\n`);
  const width = Math.max(...resolved.map(({ key }) => key.length));
  const shown = resolved.map(each => valueWords(each).length);
  const valueWidth = Math.max(...shown);
  const lines = resolved.map(each => {
    const line = `${each.key.padEnd(width)}  ${valueWords(each)}`;
    return origin ? `${line.padEnd(width + valueWidth + 4)}${originWords(each, file)}` : line;
  });
  if (origin) {
    lines.push(
      '',
      `The first of these that says something counts: a flag, the environment, ${file}, the default.`,
    );
  }
  await write(stdout, `${lines.join('\n')}\n`);
  const faults = faultsOf(await readSettings(paths));
  if (faults.length > 0) await write(stderr, `In ${file}, and without effect: ${shortList(faults, 10)}.\n`);
}

function documentOf({ key, value, origin }: Resolved) {
  const { variable, takes, about }: Setting = settings[key];
  return { key, value: value ?? null, origin, variable, takes, about };
}

const valueWords = ({ value }: Resolved) => (value === undefined ? '(not set)' : plainText(String(value)));

function originWords({ key, origin }: Resolved, file: string): string {
  if (origin === 'environment') return settings[key].variable;
  return origin === 'file' ? file : 'default';
}

/** Ends with nothing on stdout when nothing is set. */
export async function configGet(name: string, { env, stdout }: Streams): Promise<void> {
  const key = findSetting(name);
  const found = (await resolveSettings(pathsOf(env), env)).find(each => each.key === key);
  if (found?.value !== undefined) await write(stdout, `${plainText(String(found.value), 2000)}\n`);
}

export async function configSet(name: string, text: string, { env, stderr }: Streams): Promise<void> {
  const key = findSetting(name);
  await writeSetting(pathsOf(env), key, parseValue(key, text));
  const { variable }: Setting = settings[key];
  if (env[variable])
    await write(stderr, `Written; but ${variable} is set here, and comes before the file.\n`);
}

export async function configUnset(name: string, { env }: Streams): Promise<void> {
  await writeSetting(pathsOf(env), findSetting(name), undefined);
}

/** The file counts only when it is a good one; a bad one is left where it was edited. */
export async function configEdit(streams: Streams, signal: AbortSignal): Promise<void> {
  const { env, stderr } = streams;
  if (!canAsk(streams)) {
    throw new UserError('USAGE', 'There is no terminal to edit in.', {
      hint: 'Use dkp-auth config set KEY VALUE.',
    });
  }
  const paths = pathsOf(env);
  const before = (await readTextFile(settingsFile(paths))) ?? '{}\n';
  const edited = await editText(before, path.join(paths.config, 'settings.edited.json'), { env, signal });
  if (edited.text === before) {
    await edited.discard();
    return write(stderr, 'Nothing was changed.\n');
  }
  const fault = faultIn(edited.text);
  if (fault !== undefined) {
    throw new UserError('USAGE', `What you wrote was not taken over: ${fault}.`, {
      hint: `It is kept in ${tildePath(edited.file, env)}; the settings are as they were.`,
    });
  }
  await replaceSettings(paths, edited.text);
  await edited.discard();
}

function faultIn(text: string): string | undefined {
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch {
    return 'it is not JSON';
  }
  if (typeof data !== 'object' || data === null || Array.isArray(data)) return 'it is not a JSON object';
  return faultsOf(data as Record<string, unknown>)[0];
}
