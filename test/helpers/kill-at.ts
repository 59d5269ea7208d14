import fs from 'node:fs/promises';
import { createRequire } from 'node:module';

/**
 * Has this process killed (as `kill -9` does) just before the nth thing it does to a file, counted from now.
 * Works on code that imports `node:fs/promises` as a whole.
 * @returns how many there were so far
 */
export async function killAtFileOperation(nth: number): Promise<() => number> {
  let count = 0;
  const counted = (target: object, name: string) => {
    const original: unknown = Reflect.get(target, name);
    if (typeof original !== 'function') return;
    Reflect.set(target, name, function operation(this: unknown, ...args: unknown[]) {
      count += 1;
      if (count === nth) process.kill(process.pid, 'SIGKILL');
      return Reflect.apply(original, this, args);
    });
  };
  const handle = await fs.open(process.execPath);
  const prototype: object = Object.getPrototypeOf(handle);
  await handle.close();
  const whole: object = createRequire(import.meta.url)('node:fs/promises');
  for (const name of ['open', 'link', 'rename', 'rm', 'mkdir', 'readdir', 'chmod', 'unlink'])
    counted(whole, name);
  for (const name of ['write', 'writeFile', 'sync', 'datasync', 'close', 'chmod']) counted(prototype, name);
  return () => count;
}
