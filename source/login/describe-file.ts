import { type Environment, tildePath } from '../system/paths.ts';
import { plainText, shortList } from '../text.ts';
import type { PlannedFile } from './plan.ts';

/** Their profiles are listed one by one. */
const mostNamed = 8;

const actions = {
  create: 'new',
  update: 'changed; what else is in it stays',
  keep: 'as it is already',
} as const;

export function describeFile(file: PlannedFile, env: Environment): string {
  const { contexts } = file;
  const names = shortList(
    contexts.map(context => plainText(context)),
    mostNamed,
  );
  const kind = contexts.length === 1 ? 'context' : 'contexts';
  const what = contexts.length === 0 ? '' : `; ${kind} ${names}`;
  const action = file.isUnchanged ? 'as it is already' : actions[file.action];
  return `${tildePath(file.path, env)} (${action}${what})`;
}
