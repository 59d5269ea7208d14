import path from 'node:path';
import * as v from 'valibot';
import type { ProfileName } from '../profiles/profile-name.ts';
import { readPrivateFile, replaceFile } from '../system/files.ts';
import type { Paths } from '../system/paths.ts';

/** For this long after a renewal that a rejection led to, no other rejection leads to one. Milliseconds. */
const restMs = 5 * 60_000;
/** For this long a caller is remembered, and told once. */
const memoryMs = 10 * 60_000;
const mostCallers = 64;

const rejectionsSchema = v.object({
  version: v.literal(1),
  /** Milliseconds since the epoch. */
  renewedAt: v.optional(v.number()),
  callers: v.array(v.object({ caller: v.string(), since: v.number(), told: v.boolean() })),
});

/** Programs that asked again at once for a profile's token, and when that led to a renewal. */
export type Rejections = v.InferOutput<typeof rejectionsSchema>;

/** What to do for a program that has asked again at once. */
export type Response = 'renew' | 'serve' | 'tell';

/** The token that is stored: when, in milliseconds since the epoch, and whether another can be had without the person. */
export type Doubtful = { readonly storedAt: number; readonly renewable: boolean };

/**
 * A program on client-go asks again only when its server has rejected the token; others may ask twice for no reason. So
 * the first time the token is renewed, if none was lately. When that one is rejected too, or there is no other to be had,
 * each program is told so, once.
 * @param caller tells one process from every other
 * @param now milliseconds since the epoch
 */
export function respond(
  { renewedAt, callers }: Rejections,
  caller: string,
  { storedAt, renewable }: Doubtful,
  now: number,
): { readonly response: Response; readonly next: Rejections } {
  const isRecent = (time: number, whileMs: number) => Math.abs(now - time) < whileMs;
  const known = callers.filter(({ since }) => isRecent(since, memoryMs));
  const others = known.filter(each => each.caller !== caller).slice(-mostCallers + 1);
  const own = known.find(each => each.caller === caller);
  const rests = renewedAt !== undefined && isRecent(renewedAt, restMs);
  // A renewal that is under way is waited for.
  const isOld = !rests || (renewable && storedAt < renewedAt && own === undefined);
  const response = isOld ? 'renew' : own?.told ? 'serve' : 'tell';
  const entry = { caller, since: own?.since ?? now, told: response !== 'renew' };
  return {
    response,
    next: { version: 1, renewedAt: rests ? renewedAt : now, callers: [...others, entry] },
  };
}

export const rejectionsFile = (paths: Paths, profile: ProfileName) =>
  path.join(paths.state, 'rejections', `${profile}.json`);

export async function readRejections(paths: Paths, profile: ProfileName): Promise<Rejections> {
  try {
    const content = await readPrivateFile(rejectionsFile(paths, profile));
    const result = v.safeParse(rejectionsSchema, JSON.parse(content ?? 'null'));
    if (result.success) return result.output;
  } catch {}
  return { version: 1, callers: [] };
}

/** @throws UserError IO */
export async function writeRejections(
  paths: Paths,
  profile: ProfileName,
  rejections: Rejections,
): Promise<void> {
  await replaceFile(rejectionsFile(paths, profile), `${JSON.stringify(rejections)}\n`);
}
