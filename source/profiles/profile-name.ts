import { UserError } from '../errors.ts';
import { plainText } from '../text.ts';

declare const brand: unique symbol;

/** A checked profile name: also a file name on every system, and a kubeconfig user, context and cluster name. */
export type ProfileName = string & { readonly [brand]: true };

const longestName = 63;
// Lower case only, so that no two names differ by case alone on a file system that folds it.
const shape = /^[a-z0-9]([a-z0-9._-]*[a-z0-9])?$/;
const reservedOnWindows = /^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/;

/** What is wrong with a profile name, in words that follow "The name "; undefined when nothing is. */
export function profileNameFault(name: string): string | undefined {
  if (name === '') return 'is empty';
  if (name.length > longestName) return `is longer than ${longestName} characters`;
  if (reservedOnWindows.test(name)) return 'is reserved on Windows';
  if (!shape.test(name))
    return 'may hold a-z, 0-9, ".", "_" and "-", and begins and ends with a letter or digit';
  return undefined;
}

export function isProfileName(name: string): name is ProfileName {
  return profileNameFault(name) === undefined;
}

/** @throws UserError PROFILE_NAME_INVALID */
export function parseProfileName(name: string): ProfileName {
  if (isProfileName(name)) return name;
  const suggestion = profileNameFrom(name);
  throw new UserError(
    'PROFILE_NAME_INVALID',
    `The profile name "${plainText(name, 80)}" ${profileNameFault(name)}.`,
    {
      ...(suggestion !== undefined && { hint: `"${suggestion}" would do.` }),
    },
  );
}

/** The nearest valid name to a text, or undefined when nothing usable is left of it. */
export function profileNameFrom(text: string): ProfileName | undefined {
  const name = text
    .normalize('NFKD')
    .toLowerCase()
    .replace(/\p{M}/gu, '')
    .replace(/[^a-z0-9._-]+/g, '-')
    .slice(0, longestName)
    .replace(/^[._-]+|[._-]+$/g, '');
  return isProfileName(name) ? name : undefined;
}

/** The number after the last that was given to a name, where one is asked for after the other. */
export type Numbering = Map<string, number>;

/** The first of the candidates, then of the last one with a number, that is not taken. */
export function freeProfileName(
  candidates: readonly string[],
  taken: (name: ProfileName) => boolean,
  numbering: Numbering = new Map(),
): ProfileName {
  const names = candidates.flatMap(candidate => profileNameFrom(candidate) ?? []);
  const free = names.find(name => !taken(name));
  if (free !== undefined) return free;
  const stem = (names.at(-1) ?? 'cluster').slice(0, longestName - 6);
  for (let number = numbering.get(stem) ?? 2; number < 100_000; number++) {
    const name = profileNameFrom(`${stem}-${number}`);
    if (name === undefined || taken(name)) continue;
    numbering.set(stem, number + 1);
    return name;
  }
  throw new UserError('PROFILE_TAKEN', `Every profile name like "${stem}" is taken.`);
}
