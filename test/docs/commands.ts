import fs from 'node:fs/promises';
import path from 'node:path';

export const root = path.join(import.meta.dirname, '..', '..');

export type ShownCommand = {
  readonly file: string;
  readonly line: number;
  readonly words: readonly string[];
};

/** Every Markdown file for people who use or administer the program. */
export async function documents(): Promise<string[]> {
  const names = await fs.readdir(path.join(root, 'docs'));
  return ['README.md', ...names.filter(name => name.endsWith('.md')).map(name => `docs/${name}`)];
}

/** The calls of `dkp-auth` in the `sh` blocks of a document, as a shell would hand them over. */
export async function commandsIn(file: string): Promise<ShownCommand[]> {
  const text = await fs.readFile(path.join(root, file), 'utf8');
  const commands: ShownCommand[] = [];
  for (const block of text.matchAll(/^```sh\n([\s\S]*?)^```/gm)) {
    const first = text.slice(0, block.index).split('\n').length + 1;
    const lines = (block[1] ?? '').split('\n');
    for (let at = 0; at < lines.length; at++) {
      const line = first + at;
      let whole = lines[at] ?? '';
      while (whole.endsWith('\\') && at + 1 < lines.length) whole = `${whole.slice(0, -1)} ${lines[++at]}`;
      for (const words of callsIn(whole)) commands.push({ file, line, words });
    }
  }
  return commands;
}

/** Splits at what separates commands, and leaves redirections and comments out. */
function callsIn(line: string): string[][] {
  const tokens =
    line.match(/(?:"(?:[^"\\]|\\.)*"|'[^']*'|\\.|[^\s"'\\;|&()]|(?<=\$)\()+|\|\||&&|[;|&()]/g) ?? [];
  const calls: string[][] = [];
  let call: string[] = [];
  const end = () => {
    if (call[0] === 'dkp-auth') calls.push(call.slice(1));
    call = [];
  };
  for (let at = 0; at < tokens.length; at++) {
    const token = tokens[at] ?? '';
    if (token.startsWith('#')) break;
    if (/^(\|\||&&|[;|&()])$/.test(token)) end();
    else if (/^\d*[<>]+$/.test(token)) at += 1;
    else if (!/^\d*[<>]/.test(token)) call.push(unquoted(token));
  }
  end();
  // Inside of "$( )" as well.
  for (const [, inner = ''] of line.matchAll(/\$\(([^)]*)\)/g)) calls.push(...callsIn(inner));
  return calls;
}

function unquoted(token: string): string {
  return token.replace(
    /"((?:[^"\\]|\\.)*)"|'([^']*)'|\\(.)/g,
    (_all, double, single, escaped) => double ?? single ?? escaped,
  );
}
