import { spawnSync } from 'node:child_process';

const timeoutMs = 2000;
let isGnu: boolean | undefined;

/** Whether the system's tar is GNU's, which writes the modes of files where source/token.sh looks for them. */
export function hasGnuTar(): boolean {
  // A login stores a token for each of its clusters.
  isGnu ??= saysItIsGnu();
  return isGnu;
}

function saysItIsGnu(): boolean {
  const env = { PATH: '/bin:/usr/bin', LC_ALL: 'C' };
  const { stdout } = spawnSync('tar', ['--version'], { env, timeout: timeoutMs, encoding: 'utf8' });
  return stdout?.startsWith('tar (GNU tar)') ?? false;
}
