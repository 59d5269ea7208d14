import path from 'node:path';
import { cachedProfile } from '../../test/helpers/cached-profile.ts';
import { clientGoSays } from '../../test/helpers/client-go.ts';
import { type Home, temporaryHome } from '../../test/helpers/home.ts';
import { cli } from '../../test/helpers/program.ts';
import type { Context } from './harness.ts';

export const plugin = path.join(path.dirname(cli), 'dkp-auth-token');
export const node = process.execPath;

/** A home as a person has it: with the compiled code that Node keeps there. */
export async function benchHome(context: Context): Promise<Home & { env: Record<string, string> }> {
  const home = await temporaryHome({ after: run => context.after(run) });
  const { NODE_DISABLE_COMPILE_CACHE: _, ...env } = home.env;
  return { ...home, env };
}

/** Profiles of one cluster with cached tokens, and what kubectl says to their plugin. */
export async function cachedProfiles(home: Home, count: number) {
  const names = Array.from({ length: count }, (_, number) => `profile-${number}`);
  let execInfo = '';
  for (const name of names) {
    execInfo = clientGoSays(await cachedProfile(home, name, 'https://api.example.com:6443'));
  }
  return { names, execInfo, files: names.map(name => path.join(home.paths.credentials, `${name}.json`)) };
}
