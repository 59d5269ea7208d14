import fs from 'node:fs/promises';
import path from 'node:path';
import { ownIdentity, presenceOf } from './process-identity.ts';

/**
 * What a temporary file is called after its name's last dot but one: where its writer ran (8 hex digits that stand for
 * ProcessIdentity.host), its process id, when it started, and 12 hex digits at random. A second file of the same writer says
 * so behind it.
 */
const written = /\.([0-9a-f]{8})-([1-9]\d{0,9})-(\d*)-[0-9a-f]{12}(?:-[a-z]+)?\.tmp$/;
/** Nobody takes so long to write a small file; of a process that cannot be looked for, e.g. another computer's. */
const strangersMs = 24 * 3600 * 1000;

let own: Promise<string> | undefined;

/** What tells a temporary file from all others, and whether its writer is still there. */
export async function writerKey(): Promise<string> {
  own ??= ownIdentity().then(({ host, pid, start }) => `${digest(host)}-${pid}-${start ?? ''}`);
  return `${await own}-${randomDigits()}`;
}

const seen = new Set<string>();

/**
 * Takes away what killed writers left in a folder, once in this process: it may hold a credential. Never one of a writer
 * that is there: its process is looked for, and one that cannot be looked for has to be old. Fails never.
 * @param now the file system's own time (a file's that was written just now), in milliseconds; no clocks are compared
 */
export async function sweepLeftovers(folder: string, now: number | undefined): Promise<void> {
  if (seen.has(folder)) return;
  seen.add(folder);
  try {
    for (const name of await fs.readdir(folder)) {
      const file = path.join(folder, name);
      if (await isLeft(file, now).catch(() => false))
        await fs.rm(file, { force: true }).catch(() => undefined);
    }
  } catch {
    // A folder that cannot be listed keeps what is in it.
  }
}

async function isLeft(file: string, now: number | undefined): Promise<boolean> {
  const name = path.basename(file);
  const [, host, pid, start] = written.exec(name) ?? [];
  if (host === undefined) return false;
  const mine = await ownIdentity();
  if (host === digest(mine.host)) {
    const presence = await presenceOf({ host: mine.host, pid: Number(pid), start: start || null });
    if (presence !== 'unknown') return presence === 'gone';
  }
  return now !== undefined && now - (await fs.lstat(file)).mtimeMs > strangersMs;
}

/** FNV-1a, 32 bits: names are short, and node:crypto takes long to load. */
function digest(text: string): string {
  let hash = 0x811c9dc5;
  for (const byte of Buffer.from(text)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  return hash.toString(16).padStart(8, '0');
}

// Not by node:crypto, which takes a third of Node's own start to load, for commands that only read too.
const randomDigits = () => Buffer.from(crypto.getRandomValues(new Uint8Array(6))).toString('hex');
