import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseProfileAnswers } from '../../source/login/answers.ts';
import { userError } from '../helpers/user-error.ts';

test('no profile flag answers nothing', () => {
  assert.deepEqual(parseProfileAnswers([]), { byCluster: new Map() });
});

test('a name alone is for the one cluster', () => {
  assert.deepEqual(parseProfileAnswers(['prod.eu']), { single: 'prod.eu', byCluster: new Map() });
});

test('names for clusters, which may be told by an address with "=" in it', () => {
  const server = 'https://api.example.com/a=b';
  assert.deepEqual(parseProfileAnswers(['red-prod=red', `${server}=blue`]), {
    byCluster: new Map([
      ['red-prod', 'red'],
      [server, 'blue'],
    ]),
  });
});

test('answers that contradict each other are wrong usage', () => {
  assert.throws(() => parseProfileAnswers(['a', 'b']), userError('USAGE', /once/));
  assert.throws(() => parseProfileAnswers(['a', 'a']), userError('USAGE', /once/));
  assert.throws(() => parseProfileAnswers(['a', 'x=b']), userError('USAGE', /do not go together/));
  assert.throws(() => parseProfileAnswers(['x=a', 'x=b']), userError('USAGE', /"x" two names/));
});

test('a name that is none is refused, wherever it stands', () => {
  for (const value of ['', 'Prod', '../x', 'red-prod=', 'red-prod=CON', 'red-prod=../x', '=Prod']) {
    assert.throws(() => parseProfileAnswers([value]), userError('PROFILE_NAME_INVALID'));
  }
});
