import path from 'node:path';
import { toUserError } from '../../errors.ts';
import { listProfileNames, readProfile } from '../../profiles/registry.ts';
import { faultsOf } from '../../settings/resolve.ts';
import { type Environment, type Paths, tildePath } from '../../system/paths.ts';
import { readSettings, rememberedPortals } from '../../system/settings.ts';
import { type Entry, surveyFolder, writtenAt } from '../../system/survey.ts';
import { plainText, shortList } from '../../text.ts';
import { type Check, fault, type Outcome, ok, warning } from '../check.ts';

type Context = { readonly env: Environment; readonly paths: Paths };

/** A file that a killed process left is never written again. */
const leftoverMs = 5 * 60_000;

/** Our own folders: whose they are, who may read them, what is damaged, and what was left behind. */
export function folderChecks({ env, paths }: Context): Check[] {
  let surveyed: Promise<Entry[]> | undefined;
  const survey = () => {
    surveyed ??= Promise.all([surveyFolder(paths.config), surveyFolder(paths.state)]).then(all => all.flat());
    return surveyed;
  };
  const shown = (file: string) => tildePath(plainText(file), env);
  return [
    {
      key: 'folders',
      id: 'folders',
      async run() {
        const entries = await survey();
        const foreign = entries.filter(({ isForeign }) => isForeign);
        if (foreign.length > 0) {
          return fault(
            `of another user: ${shortList(
              foreign.map(entry => shown(entry.path)),
              5,
            )}`,
            'Most likely dkp-auth was run with sudo. Give them back with chown, or remove them and log in again.',
          );
        }
        const loose = entries.filter(({ isLoose }) => isLoose);
        if (loose.length > 0) {
          const list = loose.map(entry => `${shown(entry.path)} (${entry.mode})`);
          return fault(
            `open to others: ${shortList(list, 5)}`,
            'Take it back: chmod 700 for folders, chmod 600 for files. If others use this machine, log out and in again.',
          );
        }
        return ok(entries.length === 0 ? 'not made yet' : 'yours alone');
      },
    },
    { key: 'profiles', id: 'profiles', run: () => checkProfiles(paths, env) },
    {
      key: 'settings',
      id: 'settings',
      async run() {
        const faults = faultsOf(await readSettings(paths));
        if (faults.length > 0) {
          return warning(
            `settings.json: ${shortList(faults, 4)}`,
            'See dkp-auth config list, then set or unset it.',
          );
        }
        const portals = await rememberedPortals(paths);
        return ok(
          `readable; ${portals.length} ${portals.length === 1 ? 'platform' : 'platforms'} used before`,
        );
      },
    },
    {
      key: 'leftovers',
      id: 'leftovers',
      async run() {
        const left: string[] = [];
        for (const { path: file, kind } of await survey()) {
          if (kind !== 'file' || !/\.tmp2?$|\.lock\.[0-9a-f]{24}$/.test(file)) continue;
          const age = Date.now() - ((await writtenAt(file)) ?? Date.now());
          if (age > leftoverMs) left.push(shown(file));
        }
        if (left.length === 0) return ok('no unfinished files');
        return warning(
          `left by a process that was ended: ${shortList(
            left.map(file => path.basename(file)),
            4,
          )} in ${shortList([...new Set(left.map(file => path.dirname(file)))], 3)}`,
          'They do no harm and can be removed.',
        );
      },
    },
  ];
}

async function checkProfiles(paths: Paths, env: Environment): Promise<Outcome> {
  const names = await listProfileNames(paths);
  const damaged: string[] = [];
  let todo = '';
  for (const name of names) {
    try {
      await readProfile(paths, name);
    } catch (error) {
      const { message, hint } = toUserError(error);
      damaged.push(tildePath(plainText(message.replace(/\.$/, '')), env));
      todo ||= hint ?? '';
    }
  }
  if (damaged.length > 0) return fault(shortList(damaged, 5), todo);
  return ok(names.length === 0 ? 'none yet: dkp-auth login makes one' : `${names.length}, all readable`);
}
