import { UserError } from '../../errors.ts';
import { launcher } from '../../kubeconfig/launcher.ts';
import { askAtTerminal } from '../../sign-in/prompt.ts';
import { canAsk, type Streams, write } from '../../system/streams.ts';
import type { Landscape } from '../landscape.ts';
import { applyFix, type FileOutcome } from './apply.ts';
import { handedOutContexts } from './handed-out.ts';
import { collectOffers, type FixContext } from './offers.ts';
import { type FixPlan, planFix } from './plan.ts';
import { formatFixPlan, isEmpty } from './report.ts';

export type FixWishes = {
  readonly yes: boolean;
  readonly dryRun: boolean;
  /** The preview is part of a result on stdout, and not to be shown. */
  readonly quiet: boolean;
};

export type FixResult = {
  readonly plan: FixPlan;
  /** undefined: nothing was changed. */
  readonly outcomes: readonly FileOutcome[] | undefined;
};

/**
 * Plans what can be mended, shows it, asks, and does it.
 * @throws UserError MISSING_ANSWERS where nobody can be asked, CANCELLED
 */
export async function fix(
  landscape: Landscape,
  wishes: FixWishes,
  context: FixContext & { readonly streams: Streams },
): Promise<FixResult> {
  const { streams, paths, signal } = context;
  const { contexts, left } = handedOutContexts(landscape);
  const offers = await collectOffers(contexts, context);
  const plan = planFix(landscape, { contexts, left, offers }, launcher);
  if (!wishes.quiet) await write(wishes.dryRun ? streams.stdout : streams.stderr, formatFixPlan(plan));
  if (wishes.dryRun) return { plan, outcomes: undefined };
  if (isEmpty(plan)) return { plan, outcomes: [] };
  if (!wishes.yes) await confirm(streams, signal);
  const onNotice = (message: string) => void streams.stderr.write(`${message}\n`);
  return { plan, outcomes: await applyFix(plan, { paths, signal, onNotice }) };
}

async function confirm(streams: Streams, signal: AbortSignal): Promise<void> {
  if (!canAsk(streams)) {
    throw new UserError('MISSING_ANSWERS', 'Nobody can be asked whether to make this change.', {
      hint: 'Add --yes to make it, or --dry-run to look only. Nothing was changed.',
    });
  }
  const answer = await askAtTerminal('Make this change? [y/N] ', streams, { signal });
  if (!/^y(es)?$/i.test(answer.trim())) {
    throw new UserError('CANCELLED', 'Nothing was changed.');
  }
}
