import { masked } from './secrets.ts';

/**
 * Exit codes of the program, one meaning each.
 * 1 failed · 2 wrong usage · 3 a login is needed and nobody can be asked · 4 refused · 130 cancelled
 */
export type ExitCode = 1 | 2 | 3 | 4 | 130;

const exitCodes = {
  UNEXPECTED: 1,
  IO: 1,
  NETWORK: 1,
  TLS: 1,
  PORTAL_ANSWER: 1,
  PORTAL_NOT_FOUND: 1,
  NO_CLUSTERS: 1,
  ISSUER_METADATA: 1,
  ISSUER_ANSWER: 1,
  SIGN_IN_NOT_OFFERED: 1,
  LISTEN_FAILED: 1,
  TOKEN_INVALID: 1,
  LOGIN_DENIED: 1,
  LOGIN_TIMEOUT: 1,
  KUBECONFIG_INVALID: 1,
  NOTHING_TO_UNDO: 1,
  STORE_INVALID: 1,
  LOCKED: 1,
  KEYRING_UNAVAILABLE: 1,
  DEMO_PORT: 1,
  FINDINGS: 1,
  USAGE: 2,
  MISSING_ANSWERS: 2,
  LINK_INVALID: 2,
  CA_FILE_INVALID: 2,
  CLIENT_CERTIFICATE_INVALID: 2,
  PORTAL_FILE_INVALID: 2,
  UNKNOWN_CLUSTER: 2,
  UNKNOWN_IDENTITY_PROVIDER: 2,
  UNKNOWN_PROFILE: 2,
  PROFILE_NAME_INVALID: 2,
  EXEC_INFO_INVALID: 2,
  LOGIN_NEEDED: 3,
  PROFILE_TAKEN: 4,
  WRONG_CLUSTER: 4,
  CLUSTER_UNKNOWN_TO_CALLER: 4,
  WRONG_ACCOUNT: 4,
  TRUST_REFUSED: 4,
  KUBECONFIG_SHARED_USER: 4,
  KUBECONFIG_CONFLICT: 4,
  KUBECONFIG_CHANGED: 4,
  CANCELLED: 130,
} as const satisfies Record<string, ExitCode>;

/** Stable names of everything that can go wrong; documented for scripts, so rename none lightly. */
export type ErrorCode = keyof typeof exitCodes;

export const errorCodes = Object.keys(exitCodes) as ErrorCode[];

export const isErrorCode = (text: unknown): text is ErrorCode =>
  typeof text === 'string' && Object.hasOwn(exitCodes, text);

export type UserErrorOptions = {
  readonly hint?: string | undefined;
  readonly cause?: unknown;
  readonly isTold?: boolean;
};

/**
 * The one kind of error a person is meant to read: what happened, and what to do next.
 * No secret that passed through this process is in it, whatever a server said.
 * Anything else that reaches the top is a bug and is reported as `UNEXPECTED`.
 */
export class UserError extends Error {
  override readonly name = 'UserError';
  readonly code: ErrorCode;
  readonly hint: string | undefined;
  /** Whether the result on stdout tells of it, so that `--json` prints no second document. */
  readonly isTold: boolean;

  constructor(code: ErrorCode, message: string, options: UserErrorOptions = {}) {
    super(masked(message), { cause: options.cause });
    this.code = code;
    this.hint = options.hint && masked(options.hint);
    this.isTold = options.isTold ?? false;
  }

  get exitCode(): ExitCode {
    return exitCodes[this.code];
  }
}

/** A person left: Ctrl+C, or an abort by a signal. */
export const cancelled = () => new UserError('CANCELLED', 'Cancelled.');

export function isAbort(error: unknown): boolean {
  return (
    error instanceof Error &&
    (error.name === 'AbortError' || (error as { code?: unknown }).code === 'ABORT_ERR')
  );
}

/** Whatever was thrown, as something with a code, a message and an exit code. */
export function toUserError(error: unknown): UserError {
  if (error instanceof UserError) return error;
  if (isAbort(error)) return cancelled();
  const message = error instanceof Error ? error.message : String(error);
  return new UserError('UNEXPECTED', message, { cause: error });
}
