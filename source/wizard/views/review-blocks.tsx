import { Text } from 'ink';
import { describeFile } from '../../login/describe-file.ts';
import { describeIsolation } from '../../login/isolation.ts';
import type { Plan } from '../../login/plan.ts';
import type { Block } from '../parts/blocks.tsx';
import { textWidth } from '../parts/graphemes.ts';
import { textBlock } from '../parts/shapes.ts';
import { wrapText } from '../parts/wrap-text.ts';
import type { State } from '../state.ts';
import { destinationText, diffOf, mayMoveDestination } from '../steps/destination.ts';
import { choicesOf, furtherSignIns, isAtItsPage } from '../steps/review.ts';
import { texts } from '../texts.ts';
import type { Place } from './place.ts';
import { scrollWindow } from './scroll.ts';
import { weights } from './weights.ts';

/** The block that is scrolled where it does not fit. */
export const planKey = 'plan';

/** Everything that Enter would write, and what is asked for afterwards. */
export function reviewBlocks(state: State, place: Place): Block[] {
  if (state.plan === undefined) return [];
  const { width } = place;
  const further = furtherSignIns(state);
  const note = { width, weight: weights.note };
  return [
    textBlock('question', texts.reviewQuestion, { width, weight: weights.question }),
    planBlock(knownRows(state, state.plan, place), state.scrolled, place),
    textBlock('unchanged', texts.reviewUnchanged, note),
    ...(mayMoveDestination(state) ? [textBlock('destination', destinationText(state), note)] : []),
    ...(further === 0
      ? []
      : [textBlock('further', texts.reviewSignIns(further), { width, weight: weights.hint })]),
  ];
}

type Known = { readonly width: number; readonly rows: readonly string[] };
const known = new WeakMap<Plan, Known>();

/** Of thousands of profiles this is not made at every key; another answer makes another plan. */
function knownRows(state: State, plan: Plan, place: Place): readonly string[] {
  const { width } = place;
  const before = known.get(plan);
  if (before?.width === width) return before.rows;
  const rows = planRows(state, plan, place);
  known.set(plan, { width, rows });
  return rows;
}

/** Files, profiles, what to know of their tokens, and what changes in a file that is there already: whole at any width. */
function planRows(state: State, plan: Plan, { width, marks }: Place): readonly string[] {
  const { files, profiles } = plan;
  const choices = choicesOf(state);
  const isolation = describeIsolation(choices);
  const pages = choices.filter(choice => isAtItsPage(state, choice));
  const lead = `${marks.bullet} `;
  const entries = [
    ...files.map(file => describeFile(file, process.env)),
    ...profiles.map(({ name, cluster }) => `${name} -> ${cluster.name} (${cluster.server})`),
  ];
  const sentences = [
    ...(isolation === undefined ? [] : [isolation]),
    ...pages.map(({ cluster }) => texts.reviewPage(cluster.name)),
  ];
  return [
    ...entries.flatMap(entry => indented(entry, lead, width)),
    ...sentences.flatMap(sentence => wrapText(sentence, width)),
    ...diffOf(state).flatMap(line => brokenLine(line, width)),
  ];
}

function indented(text: string, lead: string, width: number): string[] {
  const rows = wrapText(text, Math.max(1, width - textWidth(lead)));
  const indent = ' '.repeat(textWidth(lead));
  return rows.map((row, index) => (index === 0 ? lead : indent) + row);
}

/** The blanks of a diff are part of it; what goes on in another row stands behind its sign. */
function brokenLine(line: string, width: number): string[] {
  const sign = line.slice(0, 1);
  const blanks = /^ */.exec(line.slice(1))?.[0] ?? '';
  const lead = sign + blanks;
  const room = width - textWidth(lead);
  if (room < textWidth(lead)) return wrapText(line, width);
  return wrapText(line.slice(lead.length), room).map(
    (row, index) => (index === 0 ? lead : ' '.repeat(textWidth(lead))) + row,
  );
}

const leastRows = 2;
/** Enough for a pair of long names, before the sentences around it. */
const rowsAhead = 4;

function planBlock(all: readonly string[], top: number, { width }: Place): Block {
  const draw = (rows: number) => {
    const { start, end } = scrollWindow({ top, rows, all: all.length });
    const shown = all.slice(start, end);
    const where = all.length > rows ? [whereText(start + 1, end, all.length, width)] : [];
    return <Text>{[...shown, ...where].join('\n')}</Text>;
  };
  return {
    key: planKey,
    weight: weights.field,
    min: Math.min(leastRows, all.length),
    ahead: rowsAhead,
    max: all.length,
    draw,
  };
}

function whereText(from: number, to: number, of: number, width: number): string {
  const { scrolled, scrolledShort, scrolledShortest } = texts;
  const fitting = [scrolled, scrolledShort].find(text => textWidth(text(from, to, of)) <= width);
  return (fitting ?? scrolledShortest)(from, to, of);
}
