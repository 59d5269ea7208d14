import type { Cell } from './screen.ts';

const cellWidth = 8.4;
const cellHeight = 18;
const margin = 12;
const paper = '#fdf6e3';
const ink = '#1f2d33';
/** The two marks that are coloured (see the theme), and black and white. */
const palette: Readonly<Record<number, string>> = {
  65: '#5f875f',
  196: '#ff0000',
  0: '#000000',
  15: '#ffffff',
};

// Browsers make one blank of several.
const blanksKept = (text: string) => text.replaceAll(' ', '\u00a0');

const escaped = (text: string) =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

type Run = Cell & { readonly column: number };

/** Neighbouring cells of the same look, as one. */
function runsOf(row: readonly Cell[]): Run[] {
  const runs: Run[] = [];
  let column = 0;
  for (const cell of row) {
    const last = runs.at(-1);
    if (last !== undefined && sameLook(last, cell))
      runs[runs.length - 1] = { ...last, text: last.text + cell.text, width: last.width + cell.width };
    else runs.push({ ...cell, column });
    column += cell.width;
  }
  return runs;
}

const sameLook = (a: Cell, b: Cell) =>
  a.bold === b.bold &&
  a.inverse === b.inverse &&
  a.underline === b.underline &&
  a.color === b.color &&
  a.background === b.background;

/** A screen as a picture; the same screen gives the same bytes. */
export function svgOf(screen: readonly (readonly Cell[])[], title: string): string {
  const last = screen.findLastIndex(row => row.some(({ text }) => text !== ' '));
  const rows = screen.slice(0, last + 1);
  const columns = Math.max(...screen.map(row => row.reduce((sum, { width }) => sum + width, 0)));
  const width = Math.ceil(columns * cellWidth + 2 * margin);
  const height = rows.length * cellHeight + 2 * margin;
  const body = rows.flatMap((row, index) => runsOf(row).flatMap(run => drawn(run, index)));
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img">`,
    `<title>${escaped(title)}</title>`,
    `<rect width="${width}" height="${height}" rx="6" fill="${paper}"/>`,
    `<g font-family="ui-monospace,SFMono-Regular,Menlo,Consolas,monospace" font-size="14" fill="${ink}">`,
    ...body,
    '</g>',
    '</svg>',
    '',
  ].join('\n');
}

function drawn(run: Run, row: number): string[] {
  const x = (margin + run.column * cellWidth).toFixed(1);
  const top = margin + row * cellHeight;
  const length = (run.width * cellWidth).toFixed(1);
  const [front = ink, back] = run.inverse
    ? [colorOf(run.background) ?? paper, colorOf(run.color) ?? ink]
    : [colorOf(run.color), colorOf(run.background)];
  const box =
    back === undefined
      ? []
      : [`<rect x="${x}" y="${top}" width="${length}" height="${cellHeight}" fill="${back}"/>`];
  if (run.text.trim() === '') return box;
  const text = run.text.trimEnd();
  const indent = text.length - text.trimStart().length;
  const start = (margin + (run.column + indent) * cellWidth).toFixed(1);
  const fits = ((run.width - indent - (run.text.length - text.length)) * cellWidth).toFixed(1);
  const look = [
    front === ink ? '' : ` fill="${front}"`,
    run.bold ? ' font-weight="bold"' : '',
    run.underline ? ' text-decoration="underline"' : '',
  ].join('');
  return [
    ...box,
    `<text x="${start}" y="${top + 13}" textLength="${fits}"${look}>${blanksKept(escaped(text.trimStart()))}</text>`,
  ];
}

const colorOf = (color: number | undefined) => (color === undefined ? undefined : palette[color]);
