import * as v from 'valibot';
import { methods } from '../login/options.ts';
import { parseLoginLink } from '../portal/login-link.ts';
import { makePrivateFolder, readPrivateFile, removeFile, replaceFile } from '../system/files.ts';
import type { Paths } from '../system/paths.ts';
import { interruptedFile, isRecent } from './interrupted-file.ts';
import type { Interrupted, State } from './state.ts';
import { steps } from './steps/order.ts';
import { interruptedAt } from './steps/resume.ts';

const text = v.pipe(v.string(), v.maxLength(2000));
const schema = v.object({
  version: v.literal(1),
  loginLink: v.pipe(text, v.check(isLoginLink)),
  step: v.picklist(steps),
  leftAt: v.number(),
  identityProvider: v.optional(text),
  clusters: v.optional(v.array(text)),
  method: v.optional(v.picklist(methods)),
  signInTime: v.optional(v.picklist(['all', 'first', 'none'])),
  names: v.optional(v.record(text, text)),
});

function isLoginLink(link: string): boolean {
  try {
    parseLoginLink(link);
    return true;
  } catch {
    return false;
  }
}

/** Where somebody left the wizard, if that was not long ago. What cannot be read is nothing to trouble a person with. */
export async function readInterrupted(paths: Paths, now = Date.now()): Promise<Interrupted | undefined> {
  try {
    const content = await readPrivateFile(interruptedFile(paths));
    const left = v.parse(schema, JSON.parse(content ?? ''));
    return isRecent(left.leftAt, now) ? left : undefined;
  } catch {
    return undefined;
  }
}

/** Keeps what was answered, none of it secret, in a file of the person's own. */
export async function keepInterrupted(paths: Paths, state: State, now = Date.now()): Promise<void> {
  const left = interruptedAt(state, now);
  if (left === undefined) return;
  await makePrivateFolder(paths.state);
  await replaceFile(interruptedFile(paths), `${JSON.stringify({ version: 1, ...left }, undefined, 2)}\n`);
}

export async function forgetInterrupted(paths: Paths): Promise<void> {
  await removeFile(interruptedFile(paths)).catch(() => undefined);
}
