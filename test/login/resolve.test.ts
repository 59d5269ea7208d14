import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chooseClusters } from '../../source/login/choose.ts';
import { missingAnswers } from '../../source/login/resolve.ts';
import { sampleCluster } from '../helpers/clusters.ts';
import { userError } from '../helpers/user-error.ts';

const [red, blue, lab] = ['red', 'blue', 'lab'].map(name => sampleCluster(name)) as [
  ReturnType<typeof sampleCluster>,
  ReturnType<typeof sampleCluster>,
  ReturnType<typeof sampleCluster>,
];
const offered = [red, blue, lab];

test('missing answers are a list of flags, each with what it is for', () => {
  const error = missingAnswers([
    { flag: '--idp ID', why: 'of a, b' },
    { flag: '--method 1', why: 'x' },
  ]);
  assert.equal(error.exitCode, 2);
  assert.equal(error.hint, 'Add what is missing:\n  --idp ID  of a, b\n  --method 1  x');
});

test('clusters are chosen by name, host name or address, each once, in the order given', () => {
  const choice = chooseClusters(
    { clusters: ['lab', 'https://RED.example.com:6443/', 'lab.example.com'] },
    offered,
  );
  assert.deepEqual(choice, [lab, red]);
  assert.deepEqual(chooseClusters({ clusters: 'all' }, offered), offered);
  assert.throws(() => chooseClusters({ clusters: ['green'] }, offered), userError('UNKNOWN_CLUSTER'));
});

test('a choice is open where several are offered, and made where there is one', () => {
  assert.equal(chooseClusters({}, offered), undefined);
  assert.equal(chooseClusters({ clusters: [] }, offered), undefined);
  assert.deepEqual(chooseClusters({}, [red]), [red]);
});
