type SystemError = Error & { code: string };

/** What Node has no words for (errno(3)). */
const quota = 122;

/** What went wrong, in the system's words, to stand in a sentence. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown';
  if ((error as { errno?: number }).errno === -quota) return 'the disk quota is used up';
  return error.message.replace(/^[A-Z0-9]+: /, '').split(',')[0] || 'unknown';
}

/** Whether an error is the system's, with one of these codes (errno(3)). */
export function isSystemError(error: unknown, ...codes: string[]): error is SystemError {
  return error instanceof Error && codes.includes((error as { code?: string }).code ?? '');
}
