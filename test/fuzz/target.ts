import { UserError } from '../../source/errors.ts';
import { assertPlain } from '../helpers/plain-output.ts';

/** Something that reads what a stranger wrote. */
export type Target = {
  readonly name: string;
  /** Good inputs to start from. */
  readonly seeds: readonly string[];
  /** Words that mean something to it. */
  readonly words?: readonly string[];
  /** Part of the path of the code whose blocks count; the program's by default. */
  readonly code?: string;
  /** Reads an input, and returns all that may be shown of it. */
  run(input: string): Promise<readonly string[]> | readonly string[];
};

export const longestRunMs = 1000;

/**
 * What must hold of every input: it is read, or refused by an error for people; nothing but text comes out; and it
 * takes no second.
 * @throws whatever does not hold
 */
export async function check(target: Target, input: string): Promise<void> {
  const before = busyMs();
  let shown: readonly string[];
  try {
    shown = await target.run(input);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    shown = [error.message, error.hint ?? ''];
  }
  const took = busyMs() - before;
  for (const text of shown) assertPlain(text, target.name);
  if (took > longestRunMs) throw new Error(`It took ${Math.round(took)} ms.`);
}

// The processor's time, which others on the machine do not lengthen.
function busyMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}
