import { writeSync } from 'node:fs';
import type { ReadStream, WriteStream } from 'node:tty';

export type ColorLevel = 0 | 1 | 2 | 3;
export type ColorChoice = 'auto' | 'always' | 'never';

export type TerminalDescription = {
  /** Somebody can be asked: both ends are a terminal, and this is no CI. */
  readonly interactive: boolean;
  /** The cursor can be moved, so lines can be drawn again; otherwise only plain questions work. */
  readonly cursorControl: boolean;
  readonly color: ColorLevel;
  readonly unicode: boolean;
  readonly motion: boolean;
  /** Narrowed, it breaks the lines that are on it anew, as most do. */
  readonly reflows: boolean;
  /** Links with a text of their own (OSC 8) are known to work. */
  readonly links: boolean;
  readonly columns: number;
  readonly rows: number;
};

export type TerminalStreams = {
  readonly stdin: { readonly isTTY?: boolean | undefined };
  readonly stderr: {
    readonly isTTY?: boolean | undefined;
    readonly columns?: number | undefined;
    readonly rows?: number | undefined;
  };
};

export type TerminalWishes = {
  /** `--color`, above every variable. */
  readonly color?: ColorChoice | undefined;
  /** `--interactive`: ask even where CI is set. */
  readonly interactive?: boolean | undefined;
};

/** The variables that say something about the terminal or the person's wishes for it. */
export type TerminalEnvironment = {
  readonly [name in
    | 'TERM'
    | 'COLORTERM'
    | 'NO_COLOR'
    | 'FORCE_COLOR'
    | 'CI'
    | 'LC_ALL'
    | 'LC_CTYPE'
    | 'LANG'
    | 'WT_SESSION'
    | 'TERM_PROGRAM'
    | 'TERM_PROGRAM_VERSION'
    | 'VTE_VERSION'
    | 'KONSOLE_VERSION'
    | 'STY'
    | 'XTERM_VERSION'
    | 'TMUX'
    | 'ConEmuTask'
    | 'DKP_AUTH_NO_ANIMATION']?: string | undefined;
};

const isSet = (value: string | undefined) => value !== undefined && value !== '';
const isOn = (value: string | undefined) => isSet(value) && value !== '0' && value !== 'false';

function forcedColor(value: string | undefined): ColorLevel | undefined {
  if (value === undefined) return;
  if (value === 'false') return 0;
  const level = Number(value);
  return value !== '' && Number.isInteger(level) && level >= 0 ? (Math.min(level, 3) as ColorLevel) : 1;
}

function detectedColor(env: TerminalEnvironment): ColorLevel {
  if (/^(?:truecolor|24bit)$/i.test(env.COLORTERM ?? '') || isSet(env.WT_SESSION)) return 3;
  return /256/.test(env.TERM ?? '') ? 2 : 1;
}

function colorLevel(env: TerminalEnvironment, isTty: boolean, choice: ColorChoice = 'auto'): ColorLevel {
  if (choice === 'never') return 0;
  if (choice === 'always') return Math.max(1, detectedColor(env)) as ColorLevel;
  if (isSet(env.NO_COLOR)) return 0;
  const forced = forcedColor(env.FORCE_COLOR);
  if (forced !== undefined) return forced;
  if (!isTty || env.TERM === 'dumb') return 0;
  return detectedColor(env);
}

function speaksUnicode(env: TerminalEnvironment, platform: NodeJS.Platform): boolean {
  if (env.TERM === 'dumb' || env.TERM === 'linux') return false;
  if (platform === 'win32') return isSet(env.WT_SESSION) || isSet(env.TERM_PROGRAM) || isSet(env.ConEmuTask);
  // POSIX: the first of these that is not empty decides.
  const locale = [env.LC_ALL, env.LC_CTYPE, env.LANG].find(isSet);
  // macOS starts programs without a locale, in terminals that all speak UTF-8.
  return locale === undefined ? platform === 'darwin' : /utf-?8/i.test(locale);
}

const linkingPrograms = /^(?:iTerm\.app|WezTerm|vscode|ghostty|rio|Hyper|WarpTerminal)$/;
const linkingTerms = /^(?:xterm-kitty|alacritty|foot|xterm-ghostty|wezterm)/;

/** Terminals swallow what they do not know, but some print it; so only those that say who they are. */
function knowsLinks(env: TerminalEnvironment): boolean {
  const { TERM_PROGRAM: program = '', TERM_PROGRAM_VERSION: version = '', TERM: term = '' } = env;
  if (isSet(env.STY)) return false;
  // It keeps links since 3.4, and hands them on where the terminal around it has them.
  if (isSet(env.TMUX) || program === 'tmux') return program === 'tmux' && Number.parseFloat(version) >= 3.4;
  if (linkingPrograms.test(program) || linkingTerms.test(term) || isSet(env.WT_SESSION)) return true;
  return Number(env.VTE_VERSION ?? 0) >= 5000 || Number(env.KONSOLE_VERSION ?? 0) >= 201200;
}

/** What this terminal can do, from its variables and streams alone: nothing is sent to it. */
export function describeTerminal(
  env: TerminalEnvironment = process.env,
  streams: TerminalStreams = process,
  wishes: TerminalWishes = {},
  platform: NodeJS.Platform = process.platform,
): TerminalDescription {
  const isTty = streams.stderr.isTTY === true;
  const cursorControl = isTty && env.TERM !== 'dumb';
  const allowed = wishes.interactive ?? !isOn(env.CI);
  return {
    interactive: isTty && streams.stdin.isTTY === true && allowed,
    cursorControl,
    color: colorLevel(env, isTty, wishes.color),
    unicode: speaksUnicode(env, platform),
    motion: cursorControl && !isOn(env.DKP_AUTH_NO_ANIMATION),
    reflows:
      platform !== 'win32'
        ? !(env.TERM === 'linux' || isSet(env.XTERM_VERSION) || isSet(env.STY))
        : isSet(env.WT_SESSION),
    links: cursorControl && knowsLinks(env),
    columns: streams.stderr.columns || 80,
    rows: streams.stderr.rows || 24,
  };
}

type ColorEnvironment = { FORCE_COLOR?: string | undefined; NO_COLOR?: string | undefined };

/**
 * Tells the colour library what was decided. It looks at stdout, once, when it is loaded: call this before
 * `await import('ink')`.
 */
export function applyColorChoice(level: ColorLevel, env: ColorEnvironment = process.env): void {
  env.FORCE_COLOR = String(level);
  // Node warns on stderr when both are set.
  if (level > 0) delete env.NO_COLOR;
}

export type TerminalDevices = {
  readonly stdin: Pick<ReadStream, 'isTTY' | 'setRawMode'>;
  readonly stderr: Pick<WriteStream, 'isTTY'> & { readonly fd?: number };
};

const restoreSequence = '\u001b[?2026l\u001b[?2004l\u001b[?25h\u001b[0m';

/** Raw mode off, cursor on, bracketed paste off; at once, so that it works in a signal handler too. */
export function restoreTerminal({ stdin, stderr }: TerminalDevices = process): void {
  try {
    if (stdin.isTTY) stdin.setRawMode(false);
  } catch {}
  try {
    if (stderr.isTTY && stderr.fd !== undefined) writeSync(stderr.fd, restoreSequence);
  } catch {}
}
