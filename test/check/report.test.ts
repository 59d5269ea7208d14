import assert from 'node:assert/strict';
import fs from 'node:fs/promises';
import path from 'node:path';
import { describe, it } from 'node:test';
import { catalogue, findingCodes } from '../../source/check/catalogue.ts';
import { check } from '../../source/check/check.ts';
import type { Finding } from '../../source/check/finding.ts';
import { sarifDocument } from '../../source/check/report-sarif.ts';
import { formatCounts, formatFindings } from '../../source/check/report-text.ts';
import { konvoy, landscape, oneUser, ours, token, twoUsers } from './landscape.ts';
import { sarifFaults } from './sarif-schema.ts';

const findings = check(
  landscape({
    files: [
      twoUsers(konvoy('-kubeconfig-user=p'), { token: token({ exp: 0 }) }),
      oneUser(ours('p', {}), 'http://other.example'),
    ],
    named: true,
  }),
);

describe('a SARIF document', () => {
  const document = sarifDocument(findings, '/kube');

  it('is valid by the official schema, with findings and without', () => {
    assert.ok(findings.length > 4);
    assert.deepEqual(sarifFaults(document), []);
    assert.deepEqual(sarifFaults(sarifDocument([], '/kube')), []);
    const [run] = document.runs;
    assert.notDeepEqual(sarifFaults({ ...document, runs: [{ ...run, results: [{ message: 'x' }] }] }), []);
  });

  it('has a rule with help for every code, and each result points to its own', () => {
    const [run] = document.runs;
    const rules = run?.tool.driver.rules ?? [];
    assert.deepEqual(
      rules.map(({ id }) => id),
      findingCodes,
    );
    for (const { help, shortDescription, name } of rules) {
      assert.match(help.text, /\n\nFix: \S/);
      assert.match(shortDescription.text, /\.$/);
      assert.match(name, /^([A-Z][a-z]*)+$/);
    }
    for (const { ruleId, ruleIndex, level } of run?.results ?? []) {
      assert.equal(rules[ruleIndex]?.id, ruleId);
      assert.ok(['error', 'warning', 'note'].includes(level));
    }
  });

  it('names files below the folder relative to it, and others by their address', () => {
    const [inside] = document.runs[0]?.results ?? [];
    assert.deepEqual(inside?.locations[0]?.physicalLocation.artifactLocation, {
      uri: '1',
      uriBaseId: 'SRCROOT',
    });
    assert.ok((inside?.locations[0]?.physicalLocation.region.startLine ?? 0) > 0);
    const [outside] = sarifDocument(findings, '/elsewhere').runs[0]?.results ?? [];
    assert.deepEqual(outside?.locations[0]?.physicalLocation.artifactLocation, { uri: 'file:///kube/1' });
  });

  it('tells one result from another by prints that stay when lines move', () => {
    const prints = ({ runs }: ReturnType<typeof sarifDocument>) =>
      runs[0]?.results.map(({ partialFingerprints }) => partialFingerprints.primaryLocationLineHash);
    assert.equal(new Set(prints(document)).size, findings.length);
    const moved = findings.map(finding => ({ ...finding, line: finding.line + 7 }));
    assert.deepEqual(prints(sarifDocument(moved, '/kube')), prints(document));
  });
});

describe('the text for a person', () => {
  const text = formatFindings(findings);

  it('begins each finding with a place, and groups by file, the worst first', () => {
    const heads = [...text.matchAll(/^(\/kube\/\d):(\d+): (error|warning|note) ([A-Z_]+)$/gm)];
    assert.equal(heads.length, findings.length);
    const rank = (severity = '') => ['error', 'warning', 'note'].indexOf(severity);
    const groups = [...Map.groupBy(heads, ([, file]) => file).values()];
    assert.deepEqual(groups.flat(), heads, 'a file comes twice');
    const ranks = groups.map(group => group.map(([, , , severity]) => rank(severity)));
    for (const each of ranks) assert.deepEqual(each, each.toSorted());
    assert.deepEqual(
      ranks.map(([first]) => first),
      ranks.map(([first = 0]) => first).toSorted(),
    );
    assert.ok(groups.length > 1);
  });

  it('fits 80 columns but for what must not be broken', () => {
    for (const line of text.split('\n')) {
      assert.ok(line.length <= 80 || !line.trim().includes(' ') || /^ {2}See /.test(line), line);
    }
  });

  it('counts as people do', () => {
    assert.equal(formatCounts({ error: 2, warning: 1, note: 3 }), '2 errors, 1 warning and 3 notes');
    assert.equal(formatCounts({ error: 0, warning: 1, note: 0 }), '1 warning');
    const finding = findings[0] as Finding;
    assert.match(formatFindings([finding]), new RegExp(finding.code));
  });
});

describe('docs/check.md', () => {
  it('has a section for every code, with its severity, and for nothing else', async () => {
    const file = path.join(import.meta.dirname, '..', '..', 'docs', 'check.md');
    const text = await fs.readFile(file, 'utf8');
    const sections = [...text.matchAll(/^### `([A-Z_]+)`: (error|warning|note)\n\n(\S[^#]*)/gm)];
    assert.deepEqual(sections.map(([, code]) => code).toSorted(), findingCodes.toSorted());
    for (const [, code, severity, body = ''] of sections) {
      assert.equal(severity, catalogue[code as keyof typeof catalogue].severity, code);
      assert.match(body, /\*\*Fix\.\*\* \S/, code);
    }
  });
});
