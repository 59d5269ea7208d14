import stringWidth from 'string-width';

const segmenter = new Intl.Segmenter(undefined, { granularity: 'grapheme' });
const ascii = /^[\x20-\x7e]*$/;

/** What a person sees as characters: one for an accented letter, a flag or a family emoji. */
export function graphemes(text: string): string[] {
  return ascii.test(text) ? [...text] : Array.from(segmenter.segment(text), part => part.segment);
}

export function textWidth(text: string): number {
  return ascii.test(text) ? text.length : stringWidth(text);
}

/** The longest start of the text that fits into `width` columns, never cutting a character in two. */
function head(text: string, width: number): string {
  let used = 0;
  let kept = '';
  for (const character of graphemes(text)) {
    used += textWidth(character);
    if (used > width) break;
    kept += character;
  }
  return kept;
}

function tail(text: string, width: number): string {
  let used = 0;
  let kept = '';
  for (const character of graphemes(text).reverse()) {
    used += textWidth(character);
    if (used > width) break;
    kept = character + kept;
  }
  return kept;
}

/** Cuts a text to a width; `middle` keeps both ends, which is what tells host names apart. */
export function fitText(text: string, width: number, ellipsis = '…', cut: 'end' | 'middle' = 'end'): string {
  if (textWidth(text) <= width) return text;
  const room = width - textWidth(ellipsis);
  if (room <= 0) return head(text, Math.max(0, width));
  if (cut === 'end') return head(text, room) + ellipsis;
  const start = head(text, Math.ceil(room / 2));
  return start + ellipsis + tail(text, room - textWidth(start));
}

export function padText(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - textWidth(text)));
}
