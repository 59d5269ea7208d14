/** The words of a command line up to the cursor, as a POSIX shell sees them; the last one is being typed, and may be empty. */
export function splitLine(line: string): string[] {
  const words: string[] = [''];
  let quote: string | undefined;
  const add = (text: string) => words.push(`${words.pop() ?? ''}${text}`);
  for (let at = 0; at < line.length; at++) {
    const letter = line.charAt(at);
    if (quote !== undefined) {
      if (letter === quote) quote = undefined;
      else if (letter === '\\' && quote === '"') add(line.charAt(++at));
      else add(letter);
    } else if (letter === '"' || letter === "'") quote = letter;
    else if (letter === '\\') add(line.charAt(++at));
    else if (!/\s/.test(letter)) add(letter);
    else if (words.at(-1) !== '') words.push('');
  }
  return words;
}
