import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import type { Demo, DemoOptions } from '../../../source/demo/index.ts';
import {
  assertRestored,
  flags,
  openWizard,
  temporaryDemo,
  type Wizard,
} from '../../helpers/wizard-terminal.ts';
import { later, shortestWays } from '../../helpers/wizard-ways.ts';
import { openTerminal, type Terminal } from '../harness/terminal.ts';

/** How long a person waits at most for the end after Ctrl+C, in milliseconds. */
const longestMs = 200;
/** A machine with much else to do is late now and then; a program that waits for something is late always. */
const mostTries = 8;

type Test = Parameters<typeof temporaryDemo>[0] & Parameters<typeof openTerminal>[0];

type Scene = {
  readonly name: string;
  readonly options?: DemoOptions;
  readonly args: (demo: Demo) => string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Brings the wizard to where Ctrl+C is pressed. */
  readonly come: (wizard: Wizard) => Promise<unknown>;
};

/** A request that is never answered; resolves when it has come. */
function unanswered({ demo }: Pick<Wizard, 'demo'>, line: RegExp): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  demo.intercept(line, () => {
    resolve();
    return true;
  });
  return promise;
}

const thousands = Array.from({ length: 5000 }, (_, index) => ({
  name: `cluster-${index}`,
  hostname: `cluster-${index}.example.com`,
  server: `https://127.0.0.1:1/${index}`,
  ca: '',
}));

const toReview = async (wizard: Wizard) => {
  await wizard.signIn('ada');
  await wizard.at('names');
  await wizard.press('enter', 'enter');
  await wizard.at('review');
};

const scenes: readonly Scene[] = [
  ...shortestWays.map(
    ({ step, args, keys }): Scene => ({
      name: `at "${step}"`,
      args,
      come: async wizard => {
        await keys?.(wizard);
        await wizard.at(step);
      },
    }),
  ),
  {
    name: 'while the portal does not answer',
    args: demo => ['login', ...later(demo).slice(1)],
    come: async wizard => {
      await wizard.at('clusters');
      const asked = unanswered(wizard, /^GET \/token\//);
      await wizard.press('space', 'enter');
      await asked;
    },
  },
  {
    name: 'while a login that is asked for every second is asked for, without an answer',
    args: demo => flags(demo, '--idp', 'corporate'),
    come: async wizard => {
      await wizard.at('login');
      await unanswered(wizard, /^GET \/token\/async\/query/);
    },
  },
  {
    name: 'while another login begins, without an answer, after files were written',
    args: demo =>
      flags(
        ...([demo, '--idp', 'corporate', '--method', '1', '--sign-in-now'] as const),
        ...['--cluster', 'kubernetes-cluster', '--cluster', 'blue-prod'],
      ),
    come: async wizard => {
      await toReview(wizard);
      const asked = unanswered(wizard, /^POST \/token\/async/);
      await wizard.press('enter');
      await asked;
      await wizard.waitFor('Sign in for blue-prod (2 of 2)');
    },
  },
  {
    name: 'while 5,000 clusters are listed and knocked at',
    options: { clusters: thousands },
    args: demo => later(demo),
    come: wizard => wizard.waitFor(/50\d\d, 0 chosen/, { timeout: 60_000 }),
  },
  {
    name: 'while 5,000 clusters are filtered',
    options: { clusters: thousands },
    args: demo => later(demo),
    come: async wizard => {
      await wizard.waitFor(/50\d\d, 0 chosen/, { timeout: 60_000 });
      wizard.type('cluster-49');
      await wizard.waitFor(/Filter: cluster-49/);
    },
  },
  {
    name: 'line by line',
    args: demo => flags(demo),
    env: { TERM: 'dumb' },
    come: wizard => wizard.waitFor(/Which identity provider[\s\S]*>/),
  },
];

type Leave = {
  /** Milliseconds from the key to the end, as the terminal knows them. */
  readonly took: number;
  /** Of these, those in which the program could have gone on and the machine had no processor for it. */
  readonly queued: number;
  readonly code: number;
};

const sampleMs = 5;

async function leave(terminal: Terminal): Promise<Leave> {
  const pid = await terminal.pid;
  const before = queuedFor(pid) ?? 0;
  let last = before;
  const sampling = setInterval(() => {
    last = queuedFor(pid) ?? last;
  }, sampleMs);
  const pressedAt = performance.now();
  terminal.send('\u0003');
  const { code } = await terminal.exit;
  clearInterval(sampling);
  return { took: performance.now() - pressedAt, queued: last - before, code };
}

/** How long a process has been kept waiting for a processor, in milliseconds; Linux tells (Documentation/scheduler/sched-stats.rst). */
function queuedFor(pid: number): number | undefined {
  try {
    const [, waited] = readFileSync(`/proc/${pid}/schedstat`, 'utf8').split(' ');
    return Number(waited) / 1e6;
  } catch {
    return undefined;
  }
}

const bareProgram = `
process.stdin.setRawMode(true);
process.stdin.once('data', () => process.exit(130));
process.stdout.write('ready');
`;

/** What a Node that has nothing to tidy up needs at this moment, on this machine. */
async function bare(test: Test): Promise<Leave> {
  const terminal = openTerminal(test, { command: process.execPath, args: ['-e', bareProgram] });
  await terminal.waitFor('ready');
  return leave(terminal);
}

const ownTime = ({ took, queued }: Leave) => took - queued;
const told = ({ took, queued }: Leave) => `${Math.round(took)} ms (${Math.round(queued)} queued)`;

describe(`Ctrl+C leaves within ${longestMs} ms of what a bare program needs, with the terminal restored`, () => {
  for (const { name, options, args, env, come } of scenes) {
    test(name, async t => {
      const tries: string[] = [];
      for (let count = 0; count < mostTries; count += 1) {
        const demo = await temporaryDemo(t, options);
        const wizard = await openWizard(t, demo, { args: args(demo), ...(env && { env }) });
        await come(wizard);
        const left = await leave(wizard);
        assert.equal(left.code, 130, wizard.text());
        await assertRestored(wizard);
        const floor = await bare(t);
        tries.push(`${told(left)}, bare ${told(floor)}`);
        // A wait for an answer or a clock counts in full; a machine that is busy with others does not.
        if (ownTime(left) - ownTime(floor) <= longestMs) return t.diagnostic(tries.join('; '));
      }
      assert.fail(`none of ${mostTries} tries was quick enough: ${tries.join('; ')}`);
    });
  }
});
