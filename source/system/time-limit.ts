import { setTimeout } from 'node:timers';
import { UserError } from '../errors.ts';

/**
 * Runs with a signal that is aborted too when the time is over.
 * @throws UserError NETWORK then
 */
export async function withTimeLimit<T>(
  milliseconds: number,
  signal: AbortSignal,
  run: (limited: AbortSignal) => Promise<T>,
): Promise<T> {
  const limit = new AbortController();
  const timer = setTimeout(() => {
    const seconds = milliseconds / 1000;
    limit.abort(
      new UserError('NETWORK', `The issuer gave no token within ${seconds} s.`, { hint: 'Try again later.' }),
    );
  }, milliseconds);
  try {
    return await run(AbortSignal.any([signal, limit.signal]));
  } finally {
    clearTimeout(timer);
  }
}
