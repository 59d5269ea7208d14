import path from 'node:path';
import { clusterTextIn, clusterTextOf } from '../credentials/caller-cluster.ts';
import { isAskedAgain, noteServed } from '../credentials/callers.ts';
import { type Credential, parseCredential } from '../credentials/credential-file.ts';
import { execApiVersions, formatExecCredential } from '../credentials/exec-answer.ts';
import { isFresh } from '../credentials/lifetime.ts';
import { readSpellings } from '../credentials/spellings.ts';
import type { Profile } from '../profiles/profile.ts';
import { isProfileName } from '../profiles/profile-name.ts';
import { type Environment, pathsOf } from '../system/paths.ts';
import { readPrivateFileNow } from '../system/private-file.ts';
import { writeNow } from '../system/write-now.ts';

/**
 * Serves a call that is beyond doubt, as source/token.sh does: for Windows, and for whoever calls `dkp-auth token` itself.
 * It is all that such a call loads. Every doubt is for commands/token.ts to settle and to explain.
 * @returns whether the call was served
 */
export function serveCachedToken(args: readonly string[], env: Environment): boolean {
  try {
    return serve(args, env, Date.now() / 1000);
  } catch {
    return false;
  }
}

function serve(args: readonly string[], env: Environment, now: number): boolean {
  const [flag, name = '', ...more] = args;
  if (flag !== '--profile' || !isProfileName(name) || more.length > 0) return false;
  const execInfo = env['KUBERNETES_EXEC_INFO'] ?? '';
  const caller = clusterTextIn(execInfo);
  const version = execApiVersions.find(each => execInfo.includes(`"apiVersion":"${each}"`));
  if (caller === undefined || version === undefined) return false;

  const paths = pathsOf(env);
  const profile = readPrivateFileNow(path.join(paths.profiles, `${name}.json`));
  const content = readPrivateFileNow(path.join(paths.credentials, `${name}.json`));
  const credential = parseCredential(content ?? '', name);
  if (profile === undefined || credential === undefined || !belongs(credential, JSON.parse(profile)))
    return false;
  const bound = credential.cluster;
  if (caller !== bound && !readSpellings(paths, name, bound).includes(caller)) return false;
  if (!isFresh(credential, now) || isAskedAgain(paths, name, process.ppid, now)) return false;

  writeNow(`${formatExecCredential(credential, version)}\n`);
  noteServed(paths, name, process.ppid);
  return true;
}

/** The profile is taken as it is: where it was damaged, something here is not equal. */
function belongs(credential: Credential, { name, cluster, issuer, account }: Profile): boolean {
  return (
    credential.profile === name &&
    credential.server === cluster.server &&
    credential.cluster === clusterTextOf(cluster) &&
    credential.issuer === issuer &&
    (account === undefined || (account.issuer === issuer && account.subject === credential.subject))
  );
}
