import { createRequire, syncBuiltinESMExports } from 'node:module';

/** What happens at one operation on a file. */
export type Fault =
  /** It fails, and nothing was done. */
  | { readonly kind: 'error'; readonly code: string }
  /** Half of it is written, then it fails. */
  | { readonly kind: 'half'; readonly code: string }
  /** The process is gone, just before or just after: from then on nothing is done any more. */
  | { readonly kind: 'death'; readonly when: 'before' | 'after' };

export class Death extends Error {}

type Closable = { close(): Promise<void> };
type Watch = { nth: number; fault: Fault; count: number; hit: string | undefined; isDead: boolean };

const wholeFunctions = [
  'open',
  'link',
  'rename',
  'rm',
  'mkdir',
  'readdir',
  'chmod',
  'unlink',
  'stat',
  'lstat',
  'realpath',
  'readlink',
];
const handleMethods = ['write', 'writeFile', 'sync', 'chmod', 'chown', 'stat', 'read', 'readFile'];
const syncFunctions = [
  'openSync',
  'writeSync',
  'writeFileSync',
  'fsyncSync',
  'closeSync',
  'renameSync',
  'mkdirSync',
  'readFileSync',
  'unlinkSync',
  'chmodSync',
  'statSync',
];

let watch: Watch | undefined;

function failure(name: string, code: string): Error {
  return Object.assign(new Error(`${code}: a fault that was asked for, ${name}`), { code, syscall: name });
}

/** Counts an operation; what it is to be done instead is told by what this throws or returns. */
function step(name: string): Fault | undefined {
  if (watch === undefined) return undefined;
  if (watch.isDead) throw new Death(name);
  watch.count += 1;
  if (watch.count !== watch.nth) return undefined;
  watch.hit = name;
  return watch.fault;
}

function die(name: string): never {
  if (watch !== undefined) watch.isDead = true;
  throw new Death(name);
}

/** Puts itself between the program and Node's files; to be called before the program's code is loaded. */
export async function installFaults(): Promise<void> {
  const require = createRequire(import.meta.url);
  const promises: Record<string, (...args: unknown[]) => Promise<unknown>> = require('node:fs/promises');
  const whole: Record<string, (...args: unknown[]) => unknown> = require('node:fs');
  const handle = (await promises['open']?.(process.execPath)) as Closable;
  await handle.close();
  const methods = Object.getPrototypeOf(handle) as typeof promises;
  const wrap = (target: typeof promises, name: string) => {
    const original = target[name];
    if (original === undefined) return;
    target[name] = async function operation(this: unknown, ...args: unknown[]) {
      // The system closes the files of the dead.
      if (name === 'close' && watch?.isDead) await original.apply(this, args);
      const fault = step(name);
      if (fault === undefined) {
        const done = await original.apply(this, args);
        // Each handle has a function of its own for it.
        if (name === 'open') wrap(done as typeof promises, 'close');
        return done;
      }
      if (fault.kind === 'death' && fault.when === 'before' && name !== 'close') die(name);
      if (fault.kind === 'half' && name === 'writeFile' && typeof args[0] === 'string') {
        await original.call(this, args[0].slice(0, args[0].length / 2));
      }
      // A file that is not closed would only burden the test.
      const result =
        fault.kind === 'death' || name === 'close' ? await original.apply(this, args) : undefined;
      if (name === 'open' && result !== undefined) await (result as Closable).close();
      if (fault.kind === 'death') die(name);
      throw failure(name, fault.code);
    };
  };
  for (const name of wholeFunctions) wrap(promises, name);
  for (const name of handleMethods) wrap(methods, name);
  for (const name of syncFunctions) {
    const original = whole[name];
    if (original === undefined) continue;
    whole[name] = function operation(this: unknown, ...args: unknown[]) {
      if (name === 'closeSync' && watch?.isDead) original.apply(this, args);
      const fault = step(name);
      if (fault === undefined) return original.apply(this, args);
      if (fault.kind === 'death' && fault.when === 'before' && name !== 'closeSync') die(name);
      const result = fault.kind === 'death' || name === 'closeSync' ? original.apply(this, args) : undefined;
      if (fault.kind === 'death') die(name);
      if (fault.kind === 'half' && name === 'writeFileSync') original.apply(this, args);
      throw Object.assign(failure(name, fault.code), { result });
    };
  }
  syncBuiltinESMExports();
}

export type Disturbed<T> = {
  readonly result:
    | { readonly kind: 'done'; readonly value: T }
    | { readonly kind: 'failed'; readonly error: unknown };
  /** How many operations there were. */
  readonly count: number;
  /** The operation that the fault struck. */
  readonly hit: string | undefined;
};

/** Runs something with a fault at its nth operation on files, or with none. */
export async function disturbed<T>(
  run: () => Promise<T>,
  nth = 0,
  fault: Fault = { kind: 'error', code: 'EIO' },
): Promise<Disturbed<T>> {
  const mine: Watch = { nth, fault, count: 0, hit: undefined, isDead: false };
  watch = mine;
  try {
    const value = await run();
    return { result: { kind: 'done', value }, count: mine.count, hit: mine.hit };
  } catch (error) {
    return { result: { kind: 'failed', error }, count: mine.count, hit: mine.hit };
  } finally {
    watch = undefined;
  }
}
