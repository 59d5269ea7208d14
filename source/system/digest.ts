import { createRequire } from 'node:module';

/** SHA-256 in hexadecimal. `node:crypto` is loaded when it is wanted: it takes a third of Node's own start. */
export function sha256(text: string): string {
  const { createHash } = createRequire(import.meta.url)('node:crypto') as typeof import('node:crypto');
  return createHash('sha256').update(text).digest('hex');
}
