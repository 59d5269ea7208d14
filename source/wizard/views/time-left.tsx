import { Text, useAnimation } from 'ink';
import { steadyNow } from '../../system/moment.ts';
import { fitText, textWidth } from '../parts/graphemes.ts';
import { words } from '../parts/words.ts';
import { texts } from '../texts.ts';

/** How long something is still good, by steadyNow, told once a second. */
export function TimeLeft({ expiresAt, width }: { readonly expiresAt: number; readonly width: number }) {
  useAnimation({ interval: 1000 });
  const seconds = Math.ceil((expiresAt - steadyNow()) / 1000);
  const time = words.seconds(seconds);
  const text = seconds > 0 ? texts.timeLeft(time) : texts.timeOver;
  const short = seconds > 0 ? time : texts.timeOver;
  return <Text wrap="truncate">{textWidth(text) <= width ? text : fitText(short, width)}</Text>;
}
