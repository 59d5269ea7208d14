import { type Environment, tildePath } from '../system/paths.ts';
import { plainText } from '../text.ts';
import type { PlannedFile } from './plan.ts';

const actions = {
  create: 'new',
  update: 'changed; what else is in it stays',
  keep: 'as it is already',
} as const;

export function describeFile(file: PlannedFile, env: Environment): string {
  const { contexts } = file;
  const names = contexts.map(context => plainText(context)).join(', ');
  const kind = contexts.length === 1 ? 'context' : 'contexts';
  const what = contexts.length === 0 ? '' : `; ${kind} ${names}`;
  const action = file.isUnchanged ? 'as it is already' : actions[file.action];
  return `${tildePath(file.path, env)} (${action}${what})`;
}
