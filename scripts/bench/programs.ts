import path from 'node:path';
import { execa } from 'execa';

const lab = path.join(import.meta.dirname, '..', 'lab');

/** A program of the lab, built if it is not there yet; undefined where it cannot be had. */
export async function labProgram(name: 'kubectl' | 'kubelogin'): Promise<string | undefined> {
  try {
    const { stdout } = await execa(lab, ['build', name], { timeout: 900_000, stderr: 'ignore' });
    return path.join(stdout.trim(), name);
  } catch {
    return undefined;
  }
}
