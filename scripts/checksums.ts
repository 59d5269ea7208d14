import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { execa } from 'execa';

/** SHA-256, in hexadecimal. */
export async function checksumOf(file: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  return hash.digest('hex');
}

/** As `sha256sum` writes it and checks it, of every file of a folder. */
export async function checksumsOf(folder: string): Promise<string> {
  const files = (await readdir(folder)).filter(file => file !== 'SHA256SUMS').sort();
  const lines: string[] = [];
  for (const file of files) lines.push(`${await checksumOf(path.join(folder, file))}  ${file}\n`);
  return lines.join('');
}

/** The same files give the same bytes, whoever packs them and when. @returns the archive's name */
export async function archiveOf(folder: string, archive: string): Promise<string> {
  const same = [
    '--sort=name',
    '--mtime=@0',
    '--owner=0',
    '--group=0',
    '--numeric-owner',
    '--mode=go=rX,u=rwX',
  ];
  const files = (await readdir(folder)).sort();
  await execa('tar', [
    ...same,
    '--format=ustar',
    '--use-compress-program=gzip -n',
    '-cf',
    archive,
    '-C',
    folder,
    ...files,
  ]);
  return path.basename(archive);
}
