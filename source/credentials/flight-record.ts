import path from 'node:path';
import * as v from 'valibot';
import type { ProfileName } from '../profiles/profile-name.ts';
import { readPrivateFile, replaceFile } from '../system/files.ts';
import type { Paths } from '../system/paths.ts';
import { type Failure, failureSchema } from './failure.ts';
import type { Pause } from './pause.ts';

const pauseSchema = v.object({
  since: v.number(),
  failures: v.pipe(v.number(), v.integer(), v.minValue(1)),
  failure: failureSchema,
});

const recordSchema = v.object({
  version: v.literal(1),
  /** The last flight that ended. Its id is never used again, so who waited sees by it that one has ended since. */
  last: v.optional(v.object({ id: v.string(), attended: v.boolean(), failure: v.optional(failureSchema) })),
  /** A person is being asked, or was when the flight was killed. Milliseconds since the epoch. */
  asking: v.optional(v.object({ since: v.number() })),
  /** After logins that came to nothing: no other one is begun for a while. */
  login: v.optional(pauseSchema),
  /** After renewals that failed: the issuer is not asked again for a while. */
  renewal: v.optional(pauseSchema),
}) satisfies v.GenericSchema<unknown, FlightRecord>;

/** What is known of a profile's flights: how the last one ended, and what is not to be tried again yet. */
export type FlightRecord = {
  version: 1;
  last?: { id: string; attended: boolean; failure?: Failure | undefined } | undefined;
  asking?: { since: number } | undefined;
  login?: Pause | undefined;
  renewal?: Pause | undefined;
};

export const flightFolder = (paths: Paths) => path.join(paths.state, 'flights');
export const recordName = (profile: ProfileName) => `${profile}.json`;
export const recordFile = (paths: Paths, profile: ProfileName) =>
  path.join(flightFolder(paths), recordName(profile));
/** Held by the one process that gets a profile's token. */
export const flightLock = (paths: Paths, profile: ProfileName) =>
  path.join(flightFolder(paths), `${profile}.lock`);
/** Its time says when a renewal was last begun ahead of time. */
export const startedFile = (paths: Paths, profile: ProfileName) =>
  path.join(flightFolder(paths), `${profile}.started`);

/** A record that is missing, damaged or not ours alone says nothing: what it holds back may be tried. */
export async function readFlightRecord(paths: Paths, profile: ProfileName): Promise<FlightRecord> {
  try {
    const content = await readPrivateFile(recordFile(paths, profile));
    const result = v.safeParse(recordSchema, JSON.parse(content ?? 'null'));
    if (result.success) return result.output;
  } catch {}
  return { version: 1 };
}

/** @throws UserError IO */
export async function writeFlightRecord(
  paths: Paths,
  profile: ProfileName,
  record: FlightRecord,
): Promise<void> {
  await replaceFile(recordFile(paths, profile), `${JSON.stringify(record)}\n`, { secret: true });
}
