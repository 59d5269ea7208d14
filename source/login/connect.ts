import { UserError } from '../errors.ts';
import { type ClusterList, listClusters } from '../portal/clusters.ts';
import type { LoginLink } from '../portal/login-link.ts';
import { type ConnectionOptions, openPortal } from '../portal/open-portal.ts';
import type { DkpPortal, Trust } from '../portal/portal.ts';
import { findTrust, type TrustAnswers } from '../portal/trust.ts';
import { readTextFile } from '../system/files.ts';
import { displayFingerprint } from '../system/fingerprint.ts';
import { type Environment, expandPath, type Paths } from '../system/paths.ts';
import { rememberedPortals } from '../system/settings.ts';
import type { LoginAnswers } from './answers.ts';
import { missingAnswers } from './resolve.ts';

export type ConnectContext = {
  readonly env: Environment;
  readonly paths: Paths;
  readonly signal: AbortSignal;
};

/** Reaches the portal that the answers name, asking nobody. */
export async function connectPortal(
  answers: LoginAnswers,
  context: ConnectContext,
  connection: ConnectionOptions = {},
  given?: Trust,
): Promise<{ portal: DkpPortal; clusters: ClusterList }> {
  if (answers.link === undefined) {
    throw missingAnswers([{ flag: 'LOGIN-LINK', why: 'the address your administrator gave you' }]);
  }
  const portal = openPortal(
    answers.link,
    given ?? (await knownTrust(answers.link, answers, context, connection)),
    connection,
  );
  try {
    return { portal, clusters: await listClusters(portal, context.signal) };
  } catch (error) {
    await portal.close();
    throw error;
  }
}

async function knownTrust(
  link: LoginLink,
  answers: LoginAnswers,
  context: ConnectContext,
  { proxies }: ConnectionOptions,
): Promise<Trust> {
  const known = await trustAnswers(link, answers, context);
  const finding = await findTrust(link, known, context.signal, proxies);
  if (finding.kind === 'unknown') {
    const { authority } = finding.certificates;
    throw missingAnswers([
      {
        flag: `--trust ${displayFingerprint(authority.fingerprint)}`,
        why: `if this is your platform's certificate (${authority.subject}), or --ca-file FILE`,
      },
    ]);
  }
  return finding.trust;
}

/** What was said about trust, on the command line now or to this program before. */
export async function trustAnswers(
  link: LoginLink,
  answers: Pick<LoginAnswers, 'caFile' | 'trust'>,
  { env, paths }: Pick<ConnectContext, 'env' | 'paths'>,
): Promise<TrustAnswers> {
  // One installation has one certificate, whatever workspace the link is for.
  const remembered = (await rememberedPortals(paths)).find(
    portal => portal.loginLink.startsWith(`${link.origin}/`) && portal.ca,
  );
  return {
    remembered: remembered?.ca,
    fingerprint: answers.trust,
    ...(answers.caFile !== undefined && { caFile: await readCaFile(answers.caFile, env) }),
  };
}

export async function readCaFile(file: string, env: Environment): Promise<{ path: string; pem: string }> {
  const path = expandPath(file, env);
  const pem = await readTextFile(path, 1_000_000);
  if (pem !== undefined) return { path, pem };
  throw new UserError('CA_FILE_INVALID', `The certificate file ${path} does not exist.`);
}
