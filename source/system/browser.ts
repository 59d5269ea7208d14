import { execa } from 'execa';
import open from 'open';
import { UserError } from '../errors.ts';
import { debug } from './debug.ts';
import { openAddress } from './http-debug.ts';
import type { Environment } from './paths.ts';
import { isOverSsh } from './ssh.ts';

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
  // A browser on the far side is seen by nobody, and one in the terminal looks like a hang.
  if (isOverSsh(env)) return false;
  const variable = env['BROWSER'];
  if (variable !== undefined && variable !== '') return !textBrowsers.test(variable.split(/[ :]/)[0] ?? '');
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
    } else if (process.platform === 'linux' && !choice.env['WSL_DISTRO_NAME']) {
      startCommand('xdg-open', url, { BROWSER: windowedBrowsers });
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

/** xdg-open falls back to lynx and w3m where nobody says otherwise. */
const windowedBrowsers = 'x-www-browser:firefox:chromium:chromium-browser:google-chrome';

function startCommand(command: string, url: URL, env: Environment = {}): void {
  const [program = '', ...args] = command.trim().split(/\s+/);
  const withUrl = args.some(arg => arg.includes('%s'))
    ? args.map(arg => arg.replaceAll('%s', url.href))
    : [...args, url.href];
  const child = execa(program, withUrl, {
    env,
    stdio: 'ignore',
    detached: true,
    cleanup: false,
    reject: false,
  });
  child.nodeChildProcess?.unref?.();
}
