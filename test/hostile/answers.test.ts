import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { CommonFault, FaultPoint } from '../../source/demo/index.ts';
import { demoForTests } from '../demo/helpers.ts';
import { temporaryHome } from '../helpers/home.ts';
import { assertRefused, contentsOf, type Refusal } from '../helpers/plain-output.ts';
import { answeredLogin, smallestPortal } from '../helpers/portal-login.ts';
import { jsonOf, runProgram } from '../helpers/program.ts';

type Expected = Refusal & { readonly code: string };
type Point = FaultPoint & ('providers' | 'kubeconfig' | 'start');

const answer = (message: RegExp): Expected => ({ exit: 1, code: 'PORTAL_ANSWER', message });
const undocumented = answer(/is not what the platform documents/);
const common: Partial<Record<CommonFault, Expected>> = {
  huge: answer(/sent more than 5 MB/),
  'wrong-types': undocumented,
  'not-json': answer(/is not JSON/),
  empty: answer(/is not JSON/),
  redirect: { ...answer(/sends elsewhere: http:\/\/evil\.example/), hint: /not followed/ },
  'bad-gateway': { ...answer(/answered with status 502/), hint: /try again/ },
  'not-found': {
    exit: 1,
    code: 'PORTAL_NOT_FOUND',
    message: /There is no DKP token service/,
    hint: /login link/,
  },
  cut: { exit: 1, code: 'NETWORK', message: /Could not reach .*: the connection was cut/ },
};
const largeList = answer(/sent more than 32 MB/);
const faultsAt: Record<Point, Partial<Record<CommonFault, Expected>>> = {
  providers: { ...common, huge: largeList },
  // YAML takes a page of HTML for a long word.
  kubeconfig: { ...common, huge: largeList, 'not-json': undocumented, empty: undocumented },
  start: common,
};

describe('a portal that answers wrongly ends a login with a reason, and nothing is stored', {
  concurrency: true,
}, () => {
  for (const [point, faults] of Object.entries(faultsAt) as [Point, typeof common][]) {
    describe(`at ${point}`, { concurrency: 1 }, async () => {
      const demo = await demoForTests(smallestPortal);
      for (const [fault, expected] of Object.entries(faults) as [CommonFault, Expected][]) {
        it(fault, async test => {
          demo.faults.set(point, fault);
          const home = await temporaryHome(test);
          const ended = await runProgram([...answeredLogin(demo), '--json'], { env: home.env });
          assertRefused(ended, expected);
          assert.equal(jsonOf<{ error: { code: string } }>(ended).error.code, expected.code);
          assert.deepEqual(await contentsOf(home), {});
        });
      }
    });
  }
});
