import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';

const absolute = (value: string | undefined) =>
  value !== undefined && isAbsolute(value) ? value : undefined;

/** Built programs: kept between runs, keyed by what they are built from. */
export const cacheFolder = () =>
  join(absolute(process.env['XDG_CACHE_HOME']) ?? join(homedir(), '.cache'), 'dkp-auth-lab');

/** Everything a run of the lab makes: gone after `down`. Another folder is another lab. */
export const labFolder = () =>
  absolute(process.env['DKP_AUTH_LAB_DIR']) ??
  join(absolute(process.env['XDG_STATE_HOME']) ?? join(homedir(), '.local', 'state'), 'dkp-auth-lab');
