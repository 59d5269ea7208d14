type SystemError = Error & { code: string };

/** Whether an error is the system's, with one of these codes (errno(3)). */
export function isSystemError(error: unknown, ...codes: string[]): error is SystemError {
  return error instanceof Error && codes.includes((error as { code?: string }).code ?? '');
}
