import type { Command, Option } from 'commander';
import type { Paths } from '../system/paths.ts';
import { argumentNames, type Candidate, candidatesFor, type Names, optionNames } from './live-names.ts';

export type Completion = { readonly candidates: readonly Candidate[]; readonly files: boolean };

/**
 * What can follow on a command line.
 * @param words those behind the program's name; the last one is being typed, and may be empty
 */
export async function complete(
  program: Command,
  words: readonly string[],
  paths: Paths,
): Promise<Completion> {
  const typed = words.at(-1) ?? '';
  const { command, path, place } = walk(program, words.slice(0, -1));
  if (place.kind === 'value') return withNames(namesOf(place.option), typed, '', paths);
  const [, name = '', value] = /^(--[^=]+)=(.*)$/s.exec(typed) ?? [];
  if (value !== undefined && !place.onlyArguments) {
    const option = optionsOf(command).find(({ long }) => long === name);
    return option === undefined ? nothing : withNames(namesOf(option), value, `${name}=`, paths);
  }
  if (typed.startsWith('-') && !place.onlyArguments) return fitting(flagsOf(command), typed);
  const commands = command.commands.filter(({ _hidden }: Command & { _hidden?: boolean }) => !_hidden);
  if (commands.length > 0) {
    // A word that is no command leads nowhere.
    if (place.count > 0) return nothing;
    const verbs = commands.map(each => ({ value: each.name(), about: each.description() }));
    return fitting(verbs, typed);
  }
  const args = argumentNames[path.join(' ')] ?? [];
  return withNames(args[place.count] ?? args.at(-1) ?? [], typed, '', paths);
}

const nothing: Completion = { candidates: [], files: false };

type Place =
  | { readonly kind: 'value'; readonly option: Option }
  | { readonly kind: 'word'; readonly count: number; readonly onlyArguments: boolean };

/** Which command the words lead to, and what the next word is to it. */
function walk(
  program: Command,
  words: readonly string[],
): { command: Command; path: string[]; place: Place } {
  let command = program;
  const path: string[] = [];
  let count = 0;
  let onlyArguments = false;
  let waiting: Option | undefined;
  for (const word of words) {
    if (waiting !== undefined) waiting = undefined;
    else if (onlyArguments || !word.startsWith('-') || word === '-') {
      const below = count === 0 ? command.commands.find(each => each.name() === word) : undefined;
      if (below === undefined) count += 1;
      else {
        command = below;
        path.push(word);
      }
    } else if (word === '--') onlyArguments = true;
    else if (!word.includes('=')) waiting = optionsOf(command).find(option => takesValue(option, word));
  }
  const place: Place =
    waiting === undefined ? { kind: 'word', count, onlyArguments } : { kind: 'value', option: waiting };
  return { command, path, place };
}

const optionsOf = (command: Command): readonly Option[] =>
  command.parent === null ? command.options : [...command.options, ...optionsOf(command.parent)];

const takesValue = ({ long, short, required, optional }: Option, word: string) =>
  (long === word || short === word) && (required || optional);

function flagsOf(command: Command): Candidate[] {
  const own = optionsOf(command).flatMap(({ long, description, hidden }) =>
    long === undefined || long === null || hidden ? [] : [{ value: long, about: description }],
  );
  return [...own, { value: '--help', about: 'display help for command' }];
}

function namesOf({ long, flags }: Option): Names {
  const names = optionNames[long ?? ''];
  if (names !== undefined) return names;
  return /<(file|path|folder)>/.test(flags) ? 'files' : [];
}

async function withNames(names: Names, typed: string, prefix: string, paths: Paths): Promise<Completion> {
  if (names === 'files') return { candidates: [], files: true };
  const candidates = (await candidatesFor(names, typed, paths)).map(each => ({
    ...each,
    value: prefix + each.value,
  }));
  return fitting(candidates, prefix + typed);
}

function fitting(candidates: readonly Candidate[], typed: string): Completion {
  return { candidates: candidates.filter(({ value }) => value.startsWith(typed)), files: false };
}
