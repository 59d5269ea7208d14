import type { Command } from 'commander';
import { complete } from '../completion/complete.ts';
import { scripts, shells } from '../completion/scripts.ts';
import { splitLine } from '../completion/split-line.ts';
import { UserError } from '../errors.ts';
import { pathsOf } from '../system/paths.ts';
import { type Streams, write } from '../system/streams.ts';
import { plainText } from '../text.ts';

export async function completion(text: string, { stdout }: Streams): Promise<void> {
  const shell = shells.find(candidate => candidate === text);
  if (shell !== undefined) return write(stdout, scripts[shell]);
  throw new UserError('USAGE', `There is no completion for "${plainText(text, 80)}".`, {
    hint: `There is for ${shells.join(', ')}.`,
  });
}

type Flags = { readonly line?: boolean; readonly dot?: boolean };

/** What the shells' functions call, at every press of Tab: local names only. */
export async function printCandidates(
  program: Command,
  given: readonly string[],
  { line, dot }: Flags,
  { env, stdout }: Streams,
): Promise<void> {
  const words = line ? splitLine(given[0] ?? '').slice(1) : dot ? withoutDot(given) : given;
  const { candidates, files } = await complete(program, words, pathsOf(env));
  const lines = candidates.map(({ value, about }) => `${value}\t${about}`);
  await write(stdout, [...lines, ...(files ? [':files'] : [])].map(each => `${each}\n`).join(''));
}

const withoutDot = (words: readonly string[]) => [...words.slice(0, -1), (words.at(-1) ?? '.').slice(0, -1)];
