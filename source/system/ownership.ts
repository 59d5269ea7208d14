import fs, { type Stats } from 'node:fs';
import path from 'node:path';
import { UserError } from '../errors.ts';

const sticky = 0o1000;
const writableByOthers = 0o022;

// At once rather than asynchronous, because kubectl waits for what begins with it.

/**
 * A file or folder that nobody but this user, or root, can change; in such a folder nobody else can put one file in
 * another's place. What does not exist is nobody's.
 * @throws UserError STORE_INVALID
 */
export function assertOwn(place: string): void {
  const stat = lookAt(place);
  if (stat === undefined) return;
  if (!isOwn(stat)) throw foreign(place, 'belongs to another user');
  const { mode } = stat;
  if ((mode & writableByOthers) !== 0 && (mode & sticky) === 0 && process.getuid !== undefined) {
    throw new UserError('STORE_INVALID', `Others may write to ${place}.`, {
      hint: `Look whether it is as you left it, then take it back: chmod go-w ${place}`,
    });
  }
}

/**
 * Whether a folder that is still to be made would lie in this user's place, or one for all: made by root in somebody
 * else's home, it would shut its owner out.
 * @throws UserError STORE_INVALID
 */
export function assertMayMake(folder: string): void {
  for (let at = path.resolve(folder); ; at = path.dirname(at)) {
    const stat = lookAt(at);
    if (stat !== undefined && !isOwn(stat)) throw foreign(at, 'belongs to another user');
    if (stat !== undefined || at === path.dirname(at)) return;
  }
}

function isOwn({ uid }: Stats): boolean {
  const own = process.getuid?.();
  return own === undefined || uid === own || uid === 0;
}

function lookAt(folder: string): Stats | undefined {
  try {
    return fs.statSync(folder, { throwIfNoEntry: false });
  } catch {
    // Whatever stands in the way is told by whoever uses the folder.
    return undefined;
  }
}

function foreign(folder: string, fault: string): UserError {
  return new UserError('STORE_INVALID', `${folder} ${fault}.`, {
    hint: 'Nothing is read from it or written to it. If this is sudo, use sudo -H, or do without it.',
  });
}
