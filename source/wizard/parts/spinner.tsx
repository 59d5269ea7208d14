import { Text, useAnimation } from 'ink';
import { fitText, textWidth } from './graphemes.ts';
import { useLook } from './look.tsx';
import { words } from './words.ts';

type Props = {
  /** What is awaited: "Waiting for the login in your browser". */
  readonly text: string;
  readonly width: number;
  /** Elapsed time is told from here on; short waits stay quiet. */
  readonly secondsAfter?: number;
  readonly isActive?: boolean;
};

/** One line that tells what is awaited and for how long; without motion it changes once a second only. */
export function Spinner({ text, width, secondsAfter = 2, isActive = true }: Props) {
  const { marks, motion } = useLook();
  const { frame, time } = useAnimation({ interval: motion ? 120 : 1000, isActive });
  const seconds = Math.floor(time / 1000);
  const mark = motion ? `${marks.spinner[frame % marks.spinner.length] ?? ''} ` : '';
  const elapsed = seconds >= secondsAfter ? ` (${words.seconds(seconds)})` : '';
  const room = width - textWidth(mark) - textWidth(elapsed);
  const label = fitText(text, Math.max(0, room), marks.ellipsis);
  return (
    <Text wrap="truncate" aria-label={text}>
      {fitText(`${mark}${label}${elapsed}`, width, '')}
    </Text>
  );
}
