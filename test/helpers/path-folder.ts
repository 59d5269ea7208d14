import fs from 'node:fs/promises';
import type { Home } from './home.ts';

/** A folder to be the whole PATH, with the programs of these names as shell scripts. */
export async function pathFolder(home: Home, scripts: Readonly<Record<string, string>>): Promise<string> {
  const folder = home.path('bin');
  await fs.mkdir(folder, { recursive: true });
  for (const [name, script] of Object.entries(scripts)) {
    await fs.writeFile(`${folder}/${name}`, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  }
  return folder;
}

export const kubectlSays = (minor: number) =>
  `echo '{"clientVersion":{"major":"1","minor":"${minor}","gitVersion":"v1.${minor}.0"}}'`;
