import assert from 'node:assert/strict';
import { type ErrorCode, UserError } from '../../source/errors.ts';

/** For `assert.throws` and `assert.rejects`: an error for people, with this code, whose text fits. */
export function userError(code: ErrorCode, text?: RegExp): (error: unknown) => true {
  return error => {
    assert.ok(error instanceof UserError, `not an error for people: ${String(error)}`);
    assert.equal(error.code, code, error.message);
    if (text !== undefined) assert.match(`${error.message}\n${error.hint ?? ''}`, text);
    return true;
  };
}
