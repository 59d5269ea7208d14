import assert from 'node:assert/strict';
import fs from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import {
  cancelled,
  type ErrorCode,
  type ExitCode,
  errorCodes,
  isAbort,
  toUserError,
  UserError,
} from '../source/errors.ts';
import { noteSecret } from '../source/secrets.ts';

const exits: [ErrorCode, ExitCode][] = [
  ['NETWORK', 1],
  ['TOKEN_INVALID', 1],
  ['USAGE', 2],
  ['MISSING_ANSWERS', 2],
  ['UNKNOWN_PROFILE', 2],
  ['LOGIN_NEEDED', 3],
  ['PROFILE_TAKEN', 4],
  ['WRONG_CLUSTER', 4],
  ['CLUSTER_UNKNOWN_TO_CALLER', 4],
  ['WRONG_ACCOUNT', 4],
  ['TRUST_REFUSED', 4],
  ['KUBECONFIG_SHARED_USER', 4],
  ['KUBECONFIG_CONFLICT', 4],
  ['CANCELLED', 130],
];

for (const [code, exit] of exits) {
  test(`${code} ends the program with ${exit}`, () => assert.equal(new UserError(code, 'x').exitCode, exit));
}

test('an error for people is passed on as it is', () => {
  const error = new UserError('NETWORK', 'Could not reach it.', { hint: 'Try again.' });
  assert.equal(toUserError(error), error);
  assert.equal(error.hint, 'Try again.');
});

test('an abort, by a signal or a timer, is a person who left', () => {
  const reasons = [
    new DOMException('stop', 'AbortError'),
    Object.assign(new Error('x'), { code: 'ABORT_ERR' }),
  ];
  for (const reason of reasons) {
    assert.ok(isAbort(reason));
    assert.equal(toUserError(reason).code, 'CANCELLED');
  }
  assert.equal(cancelled().exitCode, 130);
});

test('anything else is unexpected, keeps its cause and fails', () => {
  const bug = new TypeError('x is not a function');
  const error = toUserError(bug);
  assert.deepEqual([error.code, error.exitCode, error.message], ['UNEXPECTED', 1, bug.message]);
  assert.equal(error.cause, bug);
  assert.equal(toUserError('thrown text').message, 'thrown text');
  assert.equal(isAbort('AbortError'), false);
});

test('every code is one that something ends with', async () => {
  const folder = path.join(import.meta.dirname, '..', 'source');
  const files = await fs.readdir(folder, { recursive: true });
  const sources = files.filter(file => /\.tsx?$/.test(file) && file !== 'errors.ts');
  const code = (await Promise.all(sources.map(file => fs.readFile(path.join(folder, file), 'utf8')))).join(
    '\n',
  );
  assert.deepEqual(
    errorCodes.filter(each => !code.includes(`'${each}'`) && each !== 'UNEXPECTED'),
    [],
  );
});

test('an error holds no secret that has passed through this process, however it is written', () => {
  noteSecret('a secret+of/ours');
  noteSecret('a secret');
  noteSecret('short');
  const repeated =
    'got a secret+of/ours, a+secret%2Bof%2Fours, a%20secret%2Bof%2Fours and eyJhbGciOi.eyJpc3MiOi';
  const error = new UserError('LOGIN_DENIED', repeated, { hint: 'a secret is not short' });
  assert.equal(error.message, 'got ***, ***, *** and ***');
  assert.equal(error.hint, '*** is not short');
  assert.equal(toUserError(new Error(repeated)).message, error.message);
});
