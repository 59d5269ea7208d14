import fs from 'node:fs';

/**
 * Writes a text to stdout at once. Node's own stream for it takes several milliseconds to load; it is left for the rest
 * where the reader of a pipe that does not block is slow. A reader that has gone away is not an error of ours.
 */
export function writeNow(text: string): void {
  const bytes = Buffer.from(text, 'utf8');
  let written = 0;
  try {
    while (written < bytes.length) written += fs.writeSync(1, bytes, written);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EAGAIN') process.stdout.write(bytes.subarray(written));
    else if (code !== 'EPIPE' && code !== 'EIO') throw error;
  }
}
