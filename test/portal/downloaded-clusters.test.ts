import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parse } from 'yaml';
import { readClusters, readWhole } from '../../source/portal/downloaded-clusters.ts';
import { seed } from '../helpers/seeded.ts';

const authority = Buffer.from('a certificate '.repeat(40)).toString('base64');
const entry = (name: string, more = `    certificate-authority-data: ${authority}\n`) =>
  `- cluster:\n${more}    server: https://${name}.example.com:6443\n  name: ${name}\n`;
const template = `apiVersion: v1
kind: Config
current-context: ada-alpha
clusters:
${entry('alpha')}${entry('beta', '')}${entry('gamma')}contexts:
- context:
    cluster: alpha
    user: ada
  name: ada-alpha
users:
- name: ada
  user:
    exec:
      command: konvoy-async-plugin
`;

type Outcome = { readonly clusters: unknown } | 'not YAML';

function outcomeOf(read: (text: string) => unknown, text: string): Outcome {
  try {
    const document = read(text);
    return { clusters: (document as { clusters?: unknown } | null)?.clusters };
  } catch {
    return 'not YAML';
  }
}

const whole = (text: string) => outcomeOf(readWhole, text);
const inPieces = (text: string) => outcomeOf(readClusters, text);

const odd: Readonly<Record<string, string>> = {
  'the template': template,
  'clusters last': `${template.replace(/^clusters:[\s\S]*?(?=contexts:)/m, '')}clusters:\n${entry('alpha')}`,
  'entries that are indented': template.replace(/clusters:\n[\s\S]*?(?=contexts)/, found =>
    found.replaceAll(/^(?=[- ])/gm, '  '),
  ),
  'no clusters': 'apiVersion: v1\nclusters: []\n',
  'null clusters': 'clusters:\ncontexts: []\n',
  'two lists': `${template}clusters:\n${entry('delta')}`,
  'a second list in quotes': `${template}"clusters":\n${entry('delta')}`,
  JSON: JSON.stringify(parse(template)),
  'JSON on many lines': JSON.stringify(parse(template), null, 2),
  'an anchor elsewhere': template
    .replace('kind: Config', 'kind: &kind Config')
    .replace('name: beta', 'name: *kind'),
  'an anchor among them': template
    .replace('name: alpha', 'name: &name alpha')
    .replace('name: gamma', 'name: *name'),
  'line ends of Windows': template.replaceAll('\n', '\r\n'),
  comments: template
    .replace('clusters:\n', 'clusters:\n# the first\n')
    .replace('  name: beta', '# x\n  name: beta'),
  'a comment behind the key': template.replace('clusters:\n', 'clusters: # all\n'),
  'another document after it': `${template}---\nclusters: []\n`,
  'a number and a truth for names': template
    .replace('name: alpha', 'name: 12')
    .replace('name: beta', 'name: true'),
  'an authority in many lines': template.replace(authority, `|\n      ${authority}\n      ${authority}`),
  'an authority in quotes': template.replace(authority, `"${authority}"`),
  'an authority that stands for another': template.replace(authority, 'dkp-auth-authority-1'),
  'an authority in a text': template.replace(
    'name: beta',
    `name: |\n    x\n    certificate-authority-data: ${authority}`,
  ),
  'a list that breaks off': template.slice(0, template.indexOf('name: gamma') + 3),
  'no YAML among them': template.replace('name: beta', 'name: "beta'),
  'a list in a list': template.replace('- cluster:', '- - cluster:'),
  'an empty document': '',
};

describe('a download read for its clusters alone', () => {
  for (const [name, text] of Object.entries(odd)) {
    test(`tells what the whole document tells: ${name}`, () => {
      assert.deepEqual(inPieces(text), whole(text));
    });
  }

  test('also of documents that are mangled at random', t => {
    t.diagnostic(`DKP_AUTH_SEED=${seed}`);
    let state = seed;
    const random = (below: number) => {
      state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
      return Math.floor((state / 0x80000000) * below);
    };
    const bits = [
      '- ',
      ' ',
      '  ',
      '\n',
      ':',
      ': ',
      '#',
      '"',
      "'",
      '|',
      '&a ',
      '*a',
      '---\n',
      'clusters:\n',
      '[',
      '}',
      '\t',
    ];
    for (let round = 0; round < 2000; round += 1) {
      let text = template;
      for (let change = 0; change <= random(3); change += 1) {
        const at = random(text.length);
        const cut = random(3) === 0 ? random(30) : 0;
        text = text.slice(0, at) + (bits[random(bits.length)] ?? '') + text.slice(at + cut);
      }
      const expected = whole(text);
      // What is wrong elsewhere in the document is not looked at.
      if (expected !== 'not YAML')
        assert.deepEqual(inPieces(text), expected, `DKP_AUTH_SEED=${seed}, round ${round}\n${text}`);
    }
  });

  test('keeps every one of thousands, in their order', () => {
    const names = Array.from({ length: 1234 }, (_, index) => `c${index}`);
    const text = `clusters:\n${names.map(name => entry(name)).join('')}contexts: []\n`;
    const { clusters } = readClusters(text) as {
      clusters: { name: string; cluster: Record<string, string> }[];
    };
    assert.deepEqual(
      clusters.map(({ name }) => name),
      names,
    );
    assert.ok(clusters.every(({ cluster }) => cluster['certificate-authority-data'] === authority));
  });
});
