import { launcher } from '../../kubeconfig/launcher.ts';
import type { Profile } from '../../profiles/profile.ts';
import { parseProfileName } from '../../profiles/profile-name.ts';
import { readTextFile } from '../../system/files.ts';
import { type Environment, type Paths, tildePath } from '../../system/paths.ts';
import { findOnPath, isProgram, writtenAt } from '../../system/survey.ts';
import { isExecutable } from '../../system/this-program.ts';
import { plainText, shortList } from '../../text.ts';
import { type Check, fault, type Outcome, ok, warning } from '../check.ts';

type Context = { readonly env: Environment; readonly paths: Paths; readonly profiles: readonly Profile[] };

/** What kubectl calls: the plugin and the Node that runs it, as kubectl's PATH has them; and the kubeconfigs themselves. */
export function pluginChecks(context: Context): Check[] {
  return [
    { key: 'plugin', id: 'plugin', run: () => checkPlugin(context) },
    { key: 'path', id: 'path', run: () => checkPath(context) },
    { key: 'kubeconfigs', id: 'kubeconfigs', run: () => checkKubeconfigs(context) },
  ];
}

async function checkPlugin({ env, paths }: Context): Promise<Outcome> {
  const { command } = launcher(parseProfileName('any'));
  const again = 'Install dkp-auth again.';
  if (process.platform !== 'win32' && !(await isProgram(command))) {
    return fault(`${tildePath(command, env)} is not there or may not be run`, again);
  }
  if (isExecutable) return ok(`${tildePath(command, env)}, with its own Node.js`);
  const remembered = (await readTextFile(paths.node, 10_000).catch(() => undefined))?.split('\n')[0];
  if (remembered !== undefined && (await isProgram(remembered))) {
    return ok(`${tildePath(command, env)}, run by ${tildePath(plainText(remembered), env)}`);
  }
  const [node] = await findOnPath('node', env);
  const gone =
    remembered === undefined
      ? ''
      : `; the one of the last login, ${tildePath(plainText(remembered), env)}, is gone`;
  if (node === undefined) {
    return fault(
      `the plugin finds no Node.js on PATH${gone}`,
      'Install Node.js 22 or newer, then run dkp-auth login again.',
    );
  }
  if (gone === '') return ok(`${tildePath(command, env)}, run by ${tildePath(node, env)}`);
  return warning(
    `the plugin takes Node.js from PATH (${tildePath(node, env)})${gone}`,
    'Run dkp-auth login again, so that the new one is remembered.',
  );
}

async function checkPath({ env }: Context): Promise<Outcome> {
  const found = await findOnPath('dkp-auth', env);
  const shown = found.map(file => tildePath(file, env));
  if (found.length === 0) {
    return warning(
      'dkp-auth is not on PATH',
      'Kubeconfigs name the plugin by its full path and work. To type dkp-auth anywhere, add its folder to PATH.',
    );
  }
  if (found.length === 1) return ok(`dkp-auth is ${shown[0]}`);
  return warning(
    `dkp-auth is on PATH ${found.length} times: ${shortList(shown, 4)}`,
    'The first one is run. Remove the others.',
  );
}

async function checkKubeconfigs({ env, profiles }: Context): Promise<Outcome> {
  const files = [...new Set(profiles.flatMap(({ kubeconfigs }) => kubeconfigs))];
  const missing: string[] = [];
  for (const file of files) {
    if ((await writtenAt(file)) === undefined) missing.push(tildePath(plainText(file), env));
  }
  if (missing.length > 0) {
    return warning(
      `not there any more: ${shortList(missing, 5)}`,
      'kubectl cannot use what is gone. dkp-auth login writes it again.',
    );
  }
  return ok(files.length === 0 ? 'none was written yet' : `${files.length}, all there`);
}
