import { performance } from 'node:perf_hooks';
import { toUserError } from '../errors.ts';
import { plainText } from '../text.ts';
import {
  type Check,
  type CheckGroup,
  type Finding,
  type FindingGroup,
  fault,
  notReached,
  type Outcome,
} from './check.ts';

export type Limits = {
  /** For one check, in milliseconds, where it names none itself. */
  readonly checkMs: number;
  /** For all of them: a network that swallows everything must not hold a person up. */
  readonly totalMs: number;
};

const usualLimits: Limits = { checkMs: 3_000, totalMs: 8_500 };

/** Runs all checks at once, each as soon as those it needs have found nothing wrong, each with its own limit. */
export async function runChecks(
  groups: readonly CheckGroup[],
  signal: AbortSignal,
  limits: Limits = usualLimits,
): Promise<FindingGroup[]> {
  const end = AbortSignal.timeout(limits.totalMs);
  const running = new Map<string, Promise<Finding>>();
  for (const check of groups.flatMap(group => group.checks)) {
    running.set(check.key, runAfter(check, running, { signal, end, checkMs: limits.checkMs }));
  }
  const findings = async ({ title, checks }: CheckGroup): Promise<FindingGroup> => ({
    title,
    findings: await Promise.all(checks.map(check => running.get(check.key) as Promise<Finding>)),
  });
  const found = await Promise.all(groups.map(findings));
  signal.throwIfAborted();
  return found;
}

type Run = { readonly signal: AbortSignal; readonly end: AbortSignal; readonly checkMs: number };

async function runAfter(
  check: Check,
  running: ReadonlyMap<string, Promise<Finding>>,
  run: Run,
): Promise<Finding> {
  const before = await Promise.all((check.needs ?? []).map(key => running.get(key)));
  const start = performance.now();
  const missing = before.find(each => each?.verdict === 'fault' || each?.verdict === 'not-reached');
  const outcome =
    missing === undefined
      ? await runWithin(check, run)
      : notReached(`not looked at, because of: ${missing.id}`);
  return { id: check.id, ...outcome, ms: Math.round(performance.now() - start) };
}

async function runWithin(check: Check, { signal, end, checkMs }: Run): Promise<Outcome> {
  const limitMs = check.limitMs ?? checkMs;
  const own = new AbortController();
  const both = AbortSignal.any([signal, end, own.signal]);
  const overdue = new Promise<Outcome>(resolve => {
    const late = () =>
      resolve(
        end.aborted || signal.aborted
          ? notReached('the time for all checks was over')
          : fault(
              `no answer within ${limitMs / 1000} s`,
              'Find out what holds it up: network, VPN, proxy, or a machine under load.',
            ),
      );
    both.addEventListener('abort', late, { once: true });
    if (both.aborted) late();
  });
  const timer = setTimeout(() => own.abort(), limitMs);
  try {
    return await Promise.race([overdue, settled(check, both)]);
  } finally {
    clearTimeout(timer);
  }
}

/** An error that a check does not explain itself is a fault in the words of the error. */
async function settled(check: Check, signal: AbortSignal): Promise<Outcome> {
  try {
    return await check.run(signal);
  } catch (error) {
    // Told by who aborted it.
    if (signal.aborted) return new Promise(() => undefined);
    const { message, hint } = toUserError(error);
    return fault(plainText(message, 300), plainText(hint ?? 'Look at the message above.', 300));
  }
}
