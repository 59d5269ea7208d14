import { compareFindings, type Finding } from './finding.ts';
import type { Landscape } from './landscape.ts';
import { adminCertificates } from './rules/certificates.ts';
import { execCommands, missingClusterInfo } from './rules/exec.ts';
import { emptiedFiles, looseModes, unreadableFiles } from './rules/files.ts';
import { duplicateNames, missingContexts, shadowedNames } from './rules/names.ts';
import type { Check } from './rules/rule.ts';
import { httpServers, insecureTls } from './rules/servers.ts';
import {
  equalKonvoyTokens,
  sharedProfiles,
  sharedTokenFiles,
  sharedTokens,
  sharedUsers,
} from './rules/sharing.ts';
import {
  expiredTokens,
  longLivedTokens,
  notTokens,
  sharedAudiences,
  sharedAudiencesOfProfiles,
} from './rules/tokens.ts';

const checks: readonly Check[] = [
  unreadableFiles,
  emptiedFiles,
  sharedUsers,
  sharedTokens,
  sharedTokenFiles,
  sharedProfiles,
  equalKonvoyTokens,
  sharedAudiences,
  sharedAudiencesOfProfiles,
  expiredTokens,
  longLivedTokens,
  notTokens,
  adminCertificates,
  insecureTls,
  httpServers,
  looseModes,
  execCommands,
  missingClusterInfo,
  shadowedNames,
  duplicateNames,
  missingContexts,
];

/** Everything that is wrong with the files together, the worst first. */
export function check(landscape: Landscape): Finding[] {
  return checks.flatMap(each => each(landscape)).sort(compareFindings);
}
