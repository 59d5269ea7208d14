import { texts } from '../../source/wizard/texts.ts';
import type { Started } from './terminal.ts';

const { titles, linkQuestion, linkPlaceholder, linkHelp, keys } = texts;
const parts = [titles.link, linkQuestion, linkPlaceholder, linkHelp, keys.help];

/** All of the wizard's first question, from its title to its keys. */
export const firstQuestion = new RegExp(
  parts.map(part => part.replaceAll(/[.*+?^${}()|[\]\\/]/g, '\\$&')).join('[^]*'),
);

/** On the screen of the first question by nobody's hand but ours. */
const letter = 'Q';

/** Types a letter; milliseconds from the start until it is on the screen: the question is there before what answers keys. */
export function answersKeys(wizard: Started): Promise<number> {
  void wizard.press(letter).catch(() => undefined);
  return wizard.saw(new RegExp(letter));
}
