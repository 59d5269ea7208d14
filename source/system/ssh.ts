import os from 'node:os';
import { parseUrl } from '../url.ts';
import type { Environment } from './paths.ts';

/** Whether the person sits at another machine. */
export const isOverSsh = (env: Environment): boolean => Boolean(env['SSH_CONNECTION'] || env['SSH_TTY']);

const safe = /^[\w.:-]+$/;

/**
 * The command that lets a browser on the machine the person sits at reach a port of this one.
 * @param redirectUri where the browser is to come back to, on this machine's loopback
 * @returns undefined where the program does not run over SSH, or SSH does not say how it got here
 */
export function forwardCommand(env: Environment, redirectUri: URL): string | undefined {
  // sshd: "CLIENT-ADDRESS CLIENT-PORT SERVER-ADDRESS SERVER-PORT"
  const [, , host, port = '22'] = env['SSH_CONNECTION']?.split(' ') ?? [];
  const user = env['USER'] ?? userName();
  const { port: local } = redirectUri;
  if (host === undefined || ![host, port, user].every(part => safe.test(part)) || local === '')
    return undefined;
  const flag = port === '22' ? '' : `-p ${port} `;
  return `ssh -N ${flag}-L ${local}:127.0.0.1:${local} ${user}@${host}`;
}

/** Where an authorization request says that the browser is to come back to. */
export function redirectOf(authorizationUrl: URL): URL | undefined {
  const uri = authorizationUrl.searchParams.get('redirect_uri');
  return uri === null ? undefined : parseUrl(uri);
}

function userName(): string {
  try {
    return os.userInfo().username;
  } catch {
    // A user that no list of users knows, as containers have them.
    return 'USER';
  }
}
