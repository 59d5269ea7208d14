/** The few signs beside words; each has an ASCII twin, and none carries a meaning that the words do not. */
export type Marks = {
  readonly active: string;
  readonly checked: string;
  readonly unchecked: string;
  readonly done: string;
  readonly failed: string;
  readonly warning: string;
  readonly bullet: string;
  readonly ellipsis: string;
  readonly separator: string;
  readonly secret: string;
  readonly up: string;
  readonly down: string;
  readonly spinner: readonly string[];
};

export const unicodeMarks: Marks = {
  active: '>',
  checked: '[x]',
  unchecked: '[ ]',
  done: '✓',
  failed: '✗',
  warning: '!',
  bullet: '•',
  ellipsis: '…',
  separator: '·',
  secret: '•',
  up: '↑',
  down: '↓',
  spinner: ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'],
};

export const asciiMarks: Marks = {
  active: '>',
  checked: '[x]',
  unchecked: '[ ]',
  done: '+',
  failed: 'x',
  warning: '!',
  bullet: '*',
  ellipsis: '...',
  separator: '-',
  secret: '*',
  up: 'Up',
  down: 'Down',
  spinner: ['|', '/', '-', '\\'],
};

export const marksFor = (unicode: boolean): Marks => (unicode ? unicodeMarks : asciiMarks);
