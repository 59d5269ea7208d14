import { createHash } from 'node:crypto';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { version } from '../version.ts';
import { catalogue, type FindingCode, findingCodes } from './catalogue.ts';
import type { Finding, Place, Severity } from './finding.ts';

/** GitHub sorts security results by it: from 7 on high, from 4 on medium. */
const securitySeverity: Record<Severity, string> = { error: '8.0', warning: '5.0', note: '2.0' };

/**
 * The findings for code scanning (SARIF 2.1.0, OASIS). Files below the folder are named relative to it, as a repository's
 * are; others by their whole address.
 */
export function sarifDocument(findings: readonly Finding[], folder: string) {
  const ruleIndex = new Map(findingCodes.map((code, index) => [code, index]));
  const fingerprints = fingerprintsOf(findings, folder);
  return {
    $schema: 'https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: { name: 'dkp-auth', semanticVersion: version, rules: findingCodes.map(ruleOf) },
        },
        columnKind: 'utf16CodeUnits',
        originalUriBaseIds: { SRCROOT: { uri: `${pathToFileURL(folder).href.replace(/\/$/, '')}/` } },
        results: findings.map((finding, index) => ({
          ruleId: finding.code,
          ruleIndex: ruleIndex.get(finding.code) ?? 0,
          level: finding.severity,
          message: { text: messageOf(finding) },
          locations: [locationOf(finding, folder)],
          ...(finding.related.length > 0 && {
            relatedLocations: finding.related.map((related, id) => ({
              id,
              ...locationOf(related, folder),
              message: { text: related.what },
            })),
          }),
          // The one name that GitHub reads.
          partialFingerprints: { primaryLocationLineHash: fingerprints[index] ?? '' },
        })),
      },
    ],
  };
}

function ruleOf(code: FindingCode) {
  const { title, severity, risk, fix } = catalogue[code];
  const name = code
    .split('_')
    .map(word => word.charAt(0) + word.slice(1).toLowerCase())
    .join('');
  return {
    id: code,
    name,
    shortDescription: { text: `${title}.` },
    fullDescription: { text: `${title}. ${risk}` },
    help: {
      text: `${risk}\n\nFix: ${fix}`,
      markdown: `${risk}\n\n**Fix:** ${fix}`,
    },
    defaultConfiguration: { level: severity },
    properties: { tags: ['security', 'kubernetes'], 'security-severity': securitySeverity[severity] },
  };
}

function messageOf({ message, risk, fix, command }: Finding): string {
  return [message, risk, `Fix: ${fix}`, ...(command === undefined ? [] : [command])].join('\n');
}

function locationOf({ file, line }: Place, folder: string) {
  const relative = relativeUri(file, folder);
  return {
    physicalLocation: {
      artifactLocation:
        relative === undefined ? { uri: pathToFileURL(file).href } : { uri: relative, uriBaseId: 'SRCROOT' },
      region: { startLine: line },
    },
  };
}

function relativeUri(file: string, folder: string): string | undefined {
  const relative = path.relative(folder, file);
  if (relative === '' || relative.startsWith('..') || path.isAbsolute(relative)) return undefined;
  return relative.split(path.sep).map(encodeURIComponent).join('/');
}

/** Of what is wrong and with what, not of the line: a result stays the same one when lines above it come and go. */
function fingerprintsOf(findings: readonly Finding[], folder: string): string[] {
  const times = new Map<string, number>();
  return findings.map(({ code, file, subject }) => {
    const identity = JSON.stringify([code, relativeUri(file, folder) ?? file, subject]);
    const time = (times.get(identity) ?? 0) + 1;
    times.set(identity, time);
    return `${createHash('sha256').update(identity).digest('hex').slice(0, 32)}:${time}`;
  });
}
