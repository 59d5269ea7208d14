import fc from 'fast-check';

const everybodys = 20_261_125;
const asked = process.env['DKP_AUTH_SEED'] ?? '';

/**
 * What tests that choose at random begin with. Everybody's is the same, so that a change is judged by what it does and not
 * by its luck; DKP_AUTH_SEED=N tries other choices, or repeats a run that printed its N, and DKP_AUTH_SEED=random takes
 * others each time, as the night does.
 */
export const seed =
  asked === 'random' ? Date.now() % 2 ** 31 : asked === '' ? everybodys : Number.parseInt(asked, 10);
if (!Number.isSafeInteger(seed)) throw new Error(`DKP_AUTH_SEED is a number or "random", not ${asked}`);

fc.configureGlobal({ seed });

/** fast-check, which begins with that too, and prints it when something fails. */
export { fc };
