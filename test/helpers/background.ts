import fs from 'node:fs/promises';
import type { Home } from './home.ts';

/** The processes of a home that renew in the background, and all that the system shows of each: command and environment. */
export async function backgroundRenewals({ paths }: Pick<Home, 'paths'>): Promise<Map<number, string>> {
  const found = new Map<number, string>();
  for (const pid of (await fs.readdir('/proc')).filter(name => /^\d+$/.test(name))) {
    const read = (name: string) => fs.readFile(`/proc/${pid}/${name}`, 'utf8').catch(() => '');
    const [command, env] = await Promise.all([read('cmdline'), read('environ')]);
    if (command.includes('\0renew\0') && env.includes(paths.state)) {
      found.set(Number(pid), `${command} ${env}`);
    }
  }
  return found;
}
