import type { Random } from './random.ts';

const longestInput = 60_000;

/** Values that break the promises of types, lengths, encodings and terminals. */
const hostile: readonly string[] = [
  '',
  '\0',
  '\u001b[2J',
  '\u001b]52;c;eA==\u0007',
  '\u009b31m',
  '\u202e',
  '\u200b',
  '\ufeff',
  '\ud800',
  '\uffff',
  '😀',
  '\r\n',
  '\t',
  '%1b',
  '%00',
  '%',
  '\\u001b',
  'null',
  'true',
  '-1',
  '0',
  '1e999',
  '9007199254740993',
  '0x10',
  '{}',
  '[]',
  '{"__proto__":{}}',
  '"',
  "'",
  '`',
  '<',
  '>',
  '&',
  '<!--',
  '<a href="',
  '../',
  '/',
  '\\',
  '//',
  ':',
  '@',
  '?',
  '#',
  '&a',
  '*a',
  '!!js/function',
  '<<:',
  '- ',
  '--- ',
  '|\n',
  'http://',
  'https://',
  'file:///etc/passwd',
  'javascript:',
  '127.0.0.1',
  '[::1]',
  'xn--',
  '$(x)',
  ';',
  '--',
  '=',
  ',',
  '__proto__',
  'constructor',
  'toString',
  'eyJ',
  '.',
];

/** Another input, made of one or two by a few small changes. */
export function mutate(input: string, other: string, words: readonly string[], random: Random): string {
  let text = input;
  for (let times = 1 + random.below(4); times > 0; times -= 1) text = once(text, other, words, random);
  return text.slice(0, longestInput);
}

function once(text: string, other: string, words: readonly string[], random: Random): string {
  const from = random.below(text.length + 1);
  const to = Math.min(text.length, from + random.below(random.pick([2, 8, 64, text.length + 1])));
  const put = (middle: string) => text.slice(0, from) + middle + text.slice(to);
  switch (random.below(9)) {
    case 0:
      return put('');
    case 1:
      return text.slice(0, from) + random.pick(hostile) + text.slice(from);
    case 2:
      return put(random.pick(hostile));
    case 3:
      return put(random.pick(words.length > 0 ? words : hostile));
    case 4:
      return put(String.fromCharCode(random.below(random.pick([128, 0x3000, 0x10000]))));
    case 5:
      return put(
        text
          .slice(from, to)
          .repeat(1 + random.below(random.pick([3, 50, 3000])))
          .slice(0, longestInput),
      );
    case 6:
      return text.slice(0, from) + other.slice(random.below(other.length + 1));
    case 7:
      return replaceValue(text, other, random);
    default:
      return put(text.slice(from, to).split('').reverse().join(''));
  }
}

/** Puts something else in the place of one value of a JSON document. */
function replaceValue(text: string, other: string, random: Random): string {
  const values = [...text.matchAll(/"(?:[^"\\]|\\.){0,200}"|-?\d+(?:\.\d+)?|true|false|null|\{\}|\[\]/g)];
  if (values.length === 0) return text;
  const { 0: value, index } = random.pick(values);
  const instead = random.pick([
    'null',
    '0',
    '-1',
    '1e999',
    '""',
    '{}',
    '[]',
    '[[]]',
    'true',
    JSON.stringify(random.pick(hostile)),
    other.slice(0, 2000),
    `${'['.repeat(5000)}${']'.repeat(5000)}`,
    JSON.stringify('a'.repeat(30_000)),
  ]);
  return text.slice(0, index) + instead + text.slice(index + value.length);
}
