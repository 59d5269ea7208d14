import { masked } from '../secrets.ts';
import { plainText } from '../text.ts';

export type Fact = string | number | boolean | undefined;

let sink: ((line: string) => void) | undefined;
let isOnScreen = false;
let held: string[] | undefined;

/** From now on `debug` tells what happens; without it nothing is put together. */
export function listen(write: (line: string) => void, onScreen: boolean): void {
  sink = write;
  isOnScreen = onScreen;
}

export const isListening = () => sink !== undefined;

/**
 * Tells that something happened, with a few facts. Facts are words of ours, names, addresses and numbers, never what came in
 * an answer; what is noted as a secret is masked in them all the same.
 */
export function debug(what: string, facts: Readonly<Record<string, Fact>> = {}): void {
  if (sink === undefined) return;
  const told = Object.entries(facts).flatMap(([name, fact]) =>
    fact === undefined ? [] : [`${name}=${wordOf(fact)}`],
  );
  const seconds = (performance.now() / 1000).toFixed(3);
  const line = masked(`${seconds} ${what}${told.map(fact => ` ${fact}`).join('')}`);
  if (held === undefined) sink(`${line}\n`);
  else held.push(`${line}\n`);
}

function wordOf(fact: string | number | boolean): string {
  const text = plainText(String(fact), 500);
  return /\s/.test(text) ? JSON.stringify(text) : text;
}

/** Keeps lines off a screen on which questions are drawn; the answer lets them go. */
export function holdLines(): () => void {
  if (isOnScreen) held ??= [];
  return () => {
    const lines = held ?? [];
    held = undefined;
    for (const line of lines) sink?.(line);
  };
}

/** What an error says besides its message: its code, and what lay below it. */
export function debugError(error: unknown): void {
  let level = 0;
  for (let next = error; next instanceof Error && level < 6; next = next.cause) {
    const { code } = next as { code?: unknown };
    debug('error', {
      level,
      name: next.name,
      code: typeof code === 'string' ? code : undefined,
      message: next.message,
    });
    level += 1;
  }
}
