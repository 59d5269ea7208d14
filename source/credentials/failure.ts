import * as v from 'valibot';
import { type ErrorCode, isErrorCode, UserError } from '../errors.ts';

const longest = 5000;
const text = v.pipe(v.string(), v.maxLength(longest));

export const failureSchema = v.object({
  code: v.custom<ErrorCode>(isErrorCode),
  message: text,
  hint: v.optional(text),
});

/** An error as it is kept for other processes. */
export type Failure = v.InferOutput<typeof failureSchema>;

export function failureOf({ code, message, hint }: UserError): Failure {
  const cut = hint?.slice(0, longest);
  return { code, message: message.slice(0, longest), ...(cut !== undefined && { hint: cut }) };
}

export function errorOf({ code, message, hint }: Failure): UserError {
  return new UserError(code, message, { hint });
}
