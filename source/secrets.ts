/**
 * What this process has sent or read that opens something, noted where it passes, so that no text about it holds it: a
 * server may say in an error what it was sent. In memory only.
 */
const secrets = new Set<string>();
/** Shorter ones are words of everyday use; nothing secret is. */
const shortest = 6;
const mask = '***';

/** Notes a value that must never be told. */
export function noteSecret(value: unknown): void {
  if (typeof value === 'string' && value.length >= shortest) secrets.add(value);
}

/** A text without what was noted, and without anything that looks like a token. */
export function masked(text: string): string {
  let rest = text.replace(/\beyJ[\w-]+(\.[\w-]*){0,2}/g, mask);
  // The longest first: one secret may be the beginning of another.
  for (const secret of [...secrets].sort((one, other) => other.length - one.length)) {
    for (const form of formsOf(secret)) rest = rest.replaceAll(form, mask);
  }
  return rest;
}

/** As it is, and as addresses and forms have it. */
function formsOf(secret: string): string[] {
  const inAddress = encodeURIComponent(secret.toWellFormed());
  return [secret, inAddress, inAddress.replaceAll('%20', '+')];
}
