import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export type CaFile = { readonly path: string; remove(): Promise<void> };

/** Writes the demo's certificate authority where a person can name it; only a folder made here is removed again. */
export async function writeCaFile(pem: string, folder: string | undefined): Promise<CaFile> {
  const where = folder ?? (await mkdtemp(join(tmpdir(), 'dkp-auth-demo-')));
  await mkdir(where, { recursive: true, mode: 0o700 });
  const path = join(where, 'demo-ca.pem');
  await writeFile(path, pem, { mode: 0o600 });
  const gone = folder === undefined ? where : path;
  return { path, remove: () => rm(gone, { recursive: true, force: true }) };
}
