import { toUserError, type UserError } from '../../errors.ts';
import { formatLoginLink } from '../../portal/login-link.ts';
import { claimProfile, releaseProfile } from '../../profiles/registry.ts';
import { setMode } from '../../system/files.ts';
import type { Paths } from '../../system/paths.ts';
import { rememberPortal } from '../../system/settings.ts';
import { rememberNode } from '../../system/this-program.ts';
import type { FileFix, FixPlan } from './plan.ts';
import { type WriteContext, writeFix } from './write.ts';

/** What became of one file. */
export type FileOutcome = {
  readonly fix: FileFix;
  /** Where the file as it was is kept. */
  readonly backup: string | undefined;
  /** Why it is as it was. */
  readonly failure: UserError | undefined;
};

/** Carries a plan out, file by file; one that cannot be written is left as it was, its profiles with it. */
export async function applyFix({ files, modes }: FixPlan, context: WriteContext): Promise<FileOutcome[]> {
  const { paths } = context;
  for (const { path, to } of modes) await setMode(path, to);
  const outcomes: FileOutcome[] = [];
  for (const fix of files) {
    try {
      outcomes.push({ fix, backup: await applyToFile(fix, context), failure: undefined });
    } catch (error) {
      outcomes.push({ fix, backup: undefined, failure: toUserError(error) });
    }
  }
  if (outcomes.some(({ fix, failure }) => failure === undefined && fix.conversions.length > 0)) {
    await rememberNode(paths);
    await rememberPortals(outcomes, paths);
  }
  return outcomes;
}

async function applyToFile(fix: FileFix, context: WriteContext): Promise<string | undefined> {
  const { paths } = context;
  const claimed: (() => Promise<void>)[] = [];
  try {
    for (const profile of fix.profiles) {
      const result = await claimProfile(paths, profile);
      if (result === 'created') claimed.push(() => releaseProfile(paths, profile.name));
    }
    return await writeFix(fix, context);
  } catch (error) {
    for (const release of claimed) await release().catch(() => undefined);
    throw error;
  }
}

async function rememberPortals(outcomes: readonly FileOutcome[], paths: Paths): Promise<void> {
  const offers = outcomes
    .filter(({ failure }) => failure === undefined)
    .flatMap(({ fix }) => fix.conversions.map(({ offer }) => offer));
  const byLink = new Map(offers.map(offer => [formatLoginLink(offer.link), offer]));
  for (const [loginLink, { trust }] of byLink) {
    await rememberPortal(paths, {
      loginLink,
      ...(trust.kind === 'authority' && { ca: trust.pem }),
      lastUsed: Date.now(),
    });
  }
}
