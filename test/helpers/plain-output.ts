import assert from 'node:assert/strict';
import fs from 'node:fs/promises';
import path from 'node:path';
import { filesBelow, type Home } from './home.ts';
import type { Ended } from './program.ts';

const notText = /[^\P{Cc}\n]|[\p{Cf}\u2028\u2029]/u;
const anyToken = /eyJ[\w-]{5,}\.[\w-]+/;

/** Nothing but text and line ends: no escape, control, zero-width or bidirectional character. */
export function assertPlain(text: string, where = 'output'): void {
  const found = notText.exec(text);
  assert.equal(
    found,
    null,
    `${where} holds U+${found?.[0].codePointAt(0)?.toString(16)}: ${JSON.stringify(text)}`,
  );
}

/** No JSON Web Token, whole or cut, in either stream. */
export function assertNoToken(...texts: readonly string[]): void {
  for (const text of texts) assert.doesNotMatch(text, anyToken);
}

/** Content by path of every file of a home, to tell whether a run changed anything. */
export async function contentsOf(home: Pick<Home, 'folder'>): Promise<Record<string, string>> {
  const files = await filesBelow(home.folder);
  const read = async (file: string) =>
    [file, await fs.readFile(path.join(home.folder, file), 'utf8')] as const;
  return Object.fromEntries(await Promise.all(files.map(read)));
}

/** As `contentsOf`, without what is remembered of calls, and compiled code. */
export async function lastingContentsOf(home: Pick<Home, 'folder'>): Promise<Record<string, string>> {
  const all = Object.entries(await contentsOf(home));
  return Object.fromEntries(all.filter(([file]) => !/^state\/(flights|callers|locks|compiled)\//.test(file)));
}

export type Refusal = {
  /** The exit code that is documented for it. */
  readonly exit: number;
  readonly message: RegExp;
  readonly hint?: RegExp;
};

/** A run that failed as it should: exit code, one message and what to do next on stderr, only text, no token. */
export function assertRefused(
  { code, stdout, stderr }: Ended,
  { exit, message, hint = /\S/ }: Refusal,
): void {
  assertPlain(stdout, 'stdout');
  assertPlain(stderr, 'stderr');
  assertNoToken(stdout, stderr);
  assert.equal(code, exit, stderr);
  // The credential plugin says both on one line.
  const [, said = '', next = said] =
    /^(?:dkp-auth|konvoy-async-plugin): (.*)\n((?:.*\n)+)?/m.exec(stderr) ?? [];
  assert.match(said, message);
  assert.match(next, hint);
  assert.doesNotMatch(stderr, /^\s+at .*:\d+/m);
}
