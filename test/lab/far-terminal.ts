import { openTerminal, type Terminal } from '../terminal/harness/terminal.ts';
import type { BrowserTrap } from './browser-trap.ts';
import type { Desk, Test } from './desk.ts';
import type { LabDocument } from './document.ts';
import { programNamed } from './harness.ts';

/** A terminal here, a program over there: `ssh -tt` to a machine without a display. */
export function farTerminal(
  test: Test,
  lab: LabDocument,
  desk: Desk,
  {
    trap,
    command,
    columns = 70,
    rows = 40,
  }: { trap: BrowserTrap; command: readonly string[]; columns?: number; rows?: number },
): Terminal {
  const far = { ...desk.env, PATH: trap.path, KUBECACHEDIR: desk.path('kubectl-cache') };
  const words = ['env', ...Object.entries(far).map(([name, value]) => `${name}=${value}`), ...command];
  const quoted = words.map(word => `'${word.replaceAll("'", "'\\''")}'`).join(' ');
  return openTerminal(test, {
    command: programNamed(lab, 'ssh').path,
    args: ['-tt', ...lab.ssh.arguments, quoted],
    columns,
    rows,
  });
}
