import { Text } from 'ink';
import { describeFile } from '../../login/describe-file.ts';
import { describeIsolation } from '../../login/isolation.ts';
import type { Block } from '../parts/blocks.tsx';
import { textWidth } from '../parts/graphemes.ts';
import { textBlock } from '../parts/shapes.ts';
import { wrapText } from '../parts/wrap-text.ts';
import type { State } from '../state.ts';
import { choicesOf, furtherSignIns, isAtItsPage } from '../steps/review.ts';
import { texts } from '../texts.ts';
import { destinationBlocks } from './destination-blocks.tsx';
import type { Place } from './place.ts';
import { weights } from './weights.ts';

/** Everything that Enter would write, and what is asked for afterwards. */
export function reviewBlocks(state: State, place: Place): Block[] {
  const { plan } = state;
  if (plan === undefined) return [];
  const { width } = place;
  const further = furtherSignIns(state);
  const choices = choicesOf(state);
  const isolation = describeIsolation(choices);
  const pages = choices.filter(choice => isAtItsPage(state, choice));
  const files = plan.files.map(file => describeFile(file, process.env));
  const profiles = plan.profiles.map(({ name, cluster }) => `${name} -> ${cluster.name} (${cluster.server})`);
  const hint = { width, weight: weights.hint };
  return [
    textBlock('question', texts.reviewQuestion, { width, weight: weights.question }),
    entriesBlock('files', files, weights.field, place),
    entriesBlock('profiles', profiles, weights.fact, place),
    ...(isolation === undefined
      ? []
      : [textBlock('isolation', isolation, { width, weight: weights.detail })]),
    textBlock('unchanged', texts.reviewUnchanged, { width, weight: weights.note }),
    ...destinationBlocks(state, place),
    ...pages.map(({ cluster }) => textBlock(`page ${cluster.server}`, texts.reviewPage(cluster.name), hint)),
    ...(further === 0 ? [] : [textBlock('further', texts.reviewSignIns(further), hint)]),
  ];
}

/** As many entries as there is room for, and how many there are besides. */
function entriesBlock(
  key: string,
  entries: readonly string[],
  weight: number,
  { width, marks }: Place,
): Block {
  const lead = `${marks.bullet} `;
  const indent = ' '.repeat(textWidth(lead));
  const wrapped = entries.map(entry =>
    wrapText(entry, Math.max(1, width - textWidth(lead))).map(
      (row, index) => (index === 0 ? lead : indent) + row,
    ),
  );
  const all = wrapped.flat();
  const draw = (rows: number) => (
    <Text>{(rows < all.length ? shortened(wrapped, rows) : all).join('\n')}</Text>
  );
  return { key, weight, min: Math.min(2, all.length), max: all.length, draw };
}

function shortened(entries: readonly (readonly string[])[], rows: number): string[] {
  const shown: string[] = [];
  let count = 0;
  for (const entry of entries) {
    if (shown.length + entry.length > rows - 1) break;
    shown.push(...entry);
    count += 1;
  }
  const [first = []] = entries;
  // The beginning of one tells more than how many there are.
  if (count === 0) return first.slice(0, rows);
  return [...shown, texts.more(entries.length - count)];
}
