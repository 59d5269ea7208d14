import { createHash } from 'node:crypto';
import fs from 'node:fs/promises';
import path from 'node:path';

const folder = path.join(import.meta.dirname, 'corpus');

/** Inputs kept of a target: what once failed, and what once reached code that nothing else did. */
export async function readCorpus(target: string): Promise<string[]> {
  const files = await fs.readdir(path.join(folder, target)).catch(() => []);
  return Promise.all(files.sort().map(file => fs.readFile(path.join(folder, target, file), 'utf8')));
}

export async function keep(target: string, input: string): Promise<string> {
  const name = createHash('sha256').update(input).digest('hex').slice(0, 12);
  const file = path.join(folder, target, name);
  await fs.mkdir(path.dirname(file), { recursive: true });
  await fs.writeFile(file, input);
  return file;
}
