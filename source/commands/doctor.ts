import { type StoreChoice, storeChoices } from '../credentials/store-choice.ts';
import { examine } from '../doctor/examine.ts';
import { type Known, knownTargets, namedTarget } from '../doctor/portal-target.ts';
import { formatReport, reportDocument } from '../doctor/report.ts';
import { UserError } from '../errors.ts';
import { readCaFile } from '../login/connect.ts';
import { parseLoginLink } from '../portal/login-link.ts';
import type { Profile } from '../profiles/profile.ts';
import { listProfileNames, readProfile } from '../profiles/registry.ts';
import { withSettings } from '../settings/resolve.ts';
import { readCertificates } from '../system/certificates.ts';
import { type Paths, pathsOf } from '../system/paths.ts';
import { leave } from '../system/process.ts';
import { rememberedPortals } from '../system/settings.ts';
import { type Streams, write } from '../system/streams.ts';

type DoctorFlags = { readonly caFile?: string; readonly proxy?: string; readonly json?: boolean };

/** Exit code 0 when nothing is at fault, 1 otherwise. */
export async function doctor(
  linkText: string | undefined,
  { caFile, proxy, json }: DoctorFlags,
  streams: Streams,
  signal: AbortSignal,
): Promise<void> {
  const { env, stdout } = streams;
  const paths = pathsOf(env);
  const known = await whatIsKnown(paths);
  const ca = caFile === undefined ? undefined : await readCaFile(caFile, env);
  if (ca !== undefined) readCertificates(ca.pem, ca.path);
  const targets =
    linkText === undefined ? knownTargets(known) : [namedTarget(parseLoginLink(linkText), ca?.pem, known)];
  const titles = new Set(targets.map(({ origin }) => origin.origin));
  const profiles = known.profiles.filter(
    ({ portal, issuer }) => linkText === undefined || titles.has(new URL(portal.loginLink ?? issuer).origin),
  );
  const told = await settled(streams, paths);
  const groups = await examine({ targets, profiles, proxy, paths, signal, ...told });
  const document = reportDocument(groups, new Date());
  await write(stdout, json ? `${JSON.stringify(document, undefined, 2)}\n` : formatReport(document));
  // A name that the resolver is still looking for would keep the process waiting.
  leave(document.counts.faults === 0 ? 0 : 1);
}

/** What can be read of it: a file that is damaged is for a check to tell of. */
async function whatIsKnown(paths: Paths): Promise<Known> {
  const names = await listProfileNames(paths).catch(() => []);
  const read = await Promise.all(names.map(name => readProfile(paths, name).catch(() => undefined)));
  const profiles = read.filter((profile): profile is Profile => profile !== undefined);
  return { profiles, remembered: await rememberedPortals(paths).catch(() => []) };
}

/** What the settings say; where they cannot be read, the check of the settings tells it. */
async function settled(streams: Streams, paths: Paths): Promise<{ streams: Streams; store: StoreChoice }> {
  const told = await withSettings(streams, paths).catch(error => {
    if (error instanceof UserError && error.code === 'STORE_INVALID') return streams;
    throw error;
  });
  const store = storeChoices.find(candidate => candidate === told.env['DKP_AUTH_CREDENTIAL_STORE']);
  return { streams: told, store: store ?? 'auto' };
}
