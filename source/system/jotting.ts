import { constants } from 'node:fs';
import fs from 'node:fs/promises';
import path from 'node:path';
import { isSystemError, makePrivateFolder } from './files.ts';

const longestJotting = 200;
const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC | constants.O_NOFOLLOW;

/** Writes a line that may get lost, or be torn: whoever reads it checks its form. */
export async function jotDown(file: string, line: string): Promise<void> {
  const put = async () => {
    const handle = await fs.open(file, flags, 0o600);
    await handle.writeFile(line).finally(() => handle.close());
  };
  try {
    await put();
  } catch (error) {
    if (!isSystemError(error, 'ENOENT')) return;
    await makePrivateFolder(path.dirname(file))
      .then(put)
      .catch(() => undefined);
  }
}

export async function readJotting(file: string): Promise<string | undefined> {
  try {
    const handle = await fs.open(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    try {
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(longestJotting), 0, longestJotting, 0);
      return buffer.toString('utf8', 0, bytesRead);
    } finally {
      await handle.close();
    }
  } catch {
    return undefined;
  }
}
