import { createTwoFilesPatch } from 'diff';
import type { Entry } from '../../kubeconfig/read.ts';
import { isFields } from '../../kubeconfig/section.ts';
import { plainLines } from '../../text.ts';
import type { FileFix } from './plan.ts';

/** Longer than any name or address, and what certificates, keys and tokens are made of. */
const longRun = /[\w+/=-]{60,}/g;
/** Lines; what it takes to find a difference grows with their square, and nobody reads more. */
const mostEdits = 2000;
const shortestSecret = 4;
const secretFields = ['token', 'password', 'client-key-data', 'client-certificate-data'];

/** The change of one file as `diff -u` shows it, without anything secret. */
export function diffOf({ file, after }: FileFix): string {
  const patch = createTwoFilesPatch(file.path, file.path, file.text, after, '', '', {
    context: 2,
    maxEditLength: mostEdits,
    headerOptions: { includeIndex: false, includeUnderline: false, includeFileHeaders: true },
  });
  if (patch === undefined) return `${file.path}: the change is too long to be shown.\n`;
  return plainLines(hideSecrets(patch, file.entries));
}

/** Hides what the entries hold, in whatever style it is written, and every text that is long enough to be a secret. */
function hideSecrets(patch: string, entries: readonly Entry[]): string {
  const users = entries.filter(({ section }) => section === 'users');
  // A text may be folded, or have its quotes and backslashes escaped.
  const pieces = new Set(users.flatMap(secretsOf).flatMap(secret => secret.split(/[\s"'\\]+/)));
  let shown = patch;
  for (const piece of pieces) {
    if (piece.length >= shortestSecret && shown.includes(piece)) {
      shown = shown.replaceAll(piece, '(hidden)');
    }
  }
  return shown.replace(longRun, run => `${run.slice(0, 8)}...(${run.length} characters)`);
}

function secretsOf({ content }: Entry): string[] {
  const own = secretFields.map(field => content[field]);
  const provider = isFields(content['auth-provider']) ? content['auth-provider']['config'] : undefined;
  const exec = isFields(content['exec']) ? content['exec']['env'] : undefined;
  const variables = Array.isArray(exec) ? exec.map(variable => variable?.value) : [];
  const values = [...own, ...(isFields(provider) ? Object.values(provider) : []), ...variables];
  return values.filter(value => typeof value === 'string');
}
