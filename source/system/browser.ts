import { execa } from 'execa';
import open from 'open';
import { UserError } from '../errors.ts';
import { debug } from './debug.ts';
import { openAddress } from './http-debug.ts';
import type { Environment } from './paths.ts';

/** What the person said about browsers. */
export type BrowserChoice = {
  readonly env: Environment;
  /** `--no-browser`: only show the address. */
  readonly disabled?: boolean;
  /** `--browser-command`: a program and its arguments, blank-separated; the address is added, or replaces `%s`. */
  readonly command?: string | undefined;
  /** Stands in for a browser: the demo's own person. */
  readonly person?: (url: URL) => Promise<void>;
};

const isOn = (value: string | undefined) => value === 'true' || value === '1';

const textBrowsers = /(^|\/)(lynx|w3m|links2?|elinks|www-browser)$/;

/** Whether a browser on this machine would be seen by the person: not over SSH, not without a display. */
export function hasBrowser({ env, disabled, command, person }: BrowserChoice): boolean {
  if (disabled || isOn(env['DKP_AUTH_NO_BROWSER'])) return false;
  if (command !== undefined || person !== undefined || env['DKP_AUTH_BROWSER_COMMAND']) return true;
  const variable = env['BROWSER'];
  if (variable !== undefined && variable !== '') return !textBrowsers.test(variable.split(/[ :]/)[0] ?? '');
  if (env['SSH_CONNECTION'] || env['SSH_TTY']) return false;
  if (process.platform === 'darwin' || process.platform === 'win32') return true;
  return Boolean(env['DISPLAY'] || env['WAYLAND_DISPLAY'] || env['WSL_DISTRO_NAME']);
}

/**
 * Opens an address in the person's browser and does not wait for it. The address never goes through a shell, and
 * nothing the browser prints reaches our streams.
 * @returns whether a browser was started
 */
export async function openBrowser(url: URL, choice: BrowserChoice): Promise<boolean> {
  const isThere = hasBrowser(choice);
  debug('browser', { opens: isThere, url: openAddress(url) });
  if (!isThere) return false;
  if (url.protocol !== 'https:' && url.protocol !== 'http:') {
    throw new UserError('PORTAL_ANSWER', 'Only web addresses are opened in a browser.');
  }
  const command = choice.command ?? (choice.env['DKP_AUTH_BROWSER_COMMAND'] || choice.env['BROWSER']);
  if (choice.person !== undefined) {
    void choice.person(url).catch(() => undefined);
    return true;
  }
  try {
    if (command !== undefined && command !== '') {
      startCommand(command, url);
    } else {
      const child = await open(url.href);
      child.on('error', () => undefined);
    }
    return true;
  } catch {
    // The address is on the screen as well; a browser that cannot be started is no reason to stop.
    return false;
  }
}

function startCommand(command: string, url: URL): void {
  const [program = '', ...args] = command.trim().split(/\s+/);
  const withUrl = args.some(arg => arg.includes('%s'))
    ? args.map(arg => arg.replaceAll('%s', url.href))
    : [...args, url.href];
  const child = execa(program, withUrl, { stdio: 'ignore', detached: true, cleanup: false, reject: false });
  child.nodeChildProcess?.unref?.();
}
