import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { type Demo, startDemo } from '../../source/demo/index.ts';
import { texts } from '../../source/wizard/texts.ts';
import { commandsIn, documents } from './commands.ts';
import { type Play, play } from './playing.ts';

/** The wizard takes what the command answers and asks for the rest; it is left there, for its own tests go through it. */
const asks = (wait: string | RegExp, instead: Play['instead'] = {}): Play => ({
  instead,
  terminal: [wait, '\u0003'],
  exits: [130],
});
const findings = [0, 1];
const portalFile = 'login --portal-file portal.yaml';

/** Every command that the documents show, with what a reader has who gives it, or why it is not run here. */
const plays: Readonly<Record<string, Play | string>> = {
  '': asks(texts.linkQuestion.slice(0, 18)),
  'use prod': { instead: { prod: 'red-prod' }, says: /KUBECONFIG=.*red-prod\.yaml/ },

  'login https://dkp.example.com/token/landing/team-red --idp corporate --cluster red-lab --method 2 --profile red-lab':
    { isNew: true, opens: 1, says: /red-lab/ },
  'login https://dkp.example.com/token/landing/team-red --all-clusters --method 1 --yes': {
    instead: { '--yes': '--yes --idp corporate --sign-in-later' },
    says: /red-prod/,
  },
  'login --kubeconfig cluster.kubeconfig --context admin@prod': {
    isNew: true,
    instead: { 'admin@prod': 'admin@prod --idp corporate' },
    opens: 1,
    says: /admin@prod/,
  },
  'login LINK --cluster prod --method 1 --profile prod --merge --dry-run': {
    instead: { prod: 'red-prod', '--dry-run': '--dry-run --idp corporate' },
    says: /red-prod/,
  },
  'login LINK --cluster prod --method 1 --profile prod --merge': {
    isNew: true,
    instead: { prod: 'red-lab', '--merge': '--merge --idp corporate' },
    opens: 1,
    says: /red-lab/,
  },
  undo: { before: ['profiles rename red-prod work'], says: /red-prod\.yaml/ },
  'login --portal-file portal.yaml --all-clusters --method 1 --profile prod=prod --profile lab=lab': {
    instead: { 'prod=prod': 'red-prod=prod', 'lab=lab': 'red-lab=lab --idp corporate' },
    opens: 2,
    says: /lab/,
  },
  'login --profile NAME': { isNew: true, opens: 1, says: /red-lab/ },
  'login --profile red-prod': {
    isNew: true,
    instead: { 'red-prod': 'red-lab' },
    opens: 1,
    says: /red-lab/,
  },
  'login --profile NAME --sign-in device': {
    before: [`${portalFile} --cluster red-prod --method 2 --profile dev --sign-in device --sign-in-later`],
    instead: { NAME: 'dev' },
    opens: 2,
    says: /dev/,
  },

  status: { says: /^red-lab +good for /m },
  'status red-prod': { says: /^ {2}isolation/m },
  'status --check-server': { says: /accepted/ },
  'status --check-server --debug': { says: /accepted/ },
  'status --watch': { terminal: ['red-lab', '\u0003'], exits: [130] },
  'status --exit-code --json': { says: /"needsLogin": false/ },
  'logout red-prod': { says: /the token is forgotten/ },
  'profiles rename red-prod prod': { says: /is called "prod" now/ },
  'profiles remove red-lab': { terminal: ['Remove? [y/N]', 'y\r'] },
  'profiles import': {},
  'profiles import --dry-run': {},
  'profiles import ~/.kube/other.yaml': { says: /^\S+ -> prod/m },
  'profiles import ~/Downloads/kubeconfig.yaml': {
    before: ['profiles remove red-lab --yes'],
    says: /^\S+ -> red-lab/m,
  },
  'config list --origin': { says: /credentialStore/ },
  'config set credentialStore keyring': {},
  'config set proxy http://proxy.example.com:3128': {},
  'config kuberc': { says: /credentialPluginAllowlist/ },
  'config kuberc --kubectl 1.35': { says: /credentialPluginAllowlist/ },
  'completion fish': { says: /complete/ },

  check: { exits: findings },
  'check prod.yaml lab.yaml': { exits: findings },
  'check --json': { exits: findings, says: /^\{/ },
  'check --sarif': { exits: findings, says: /"runs"/ },
  'check --fix': { exits: findings },
  'check --fix --dry-run': { exits: findings },
  doctor: { exits: findings, says: /kubectl/ },
  'doctor https://dkp.example.com/token/landing/': { exits: findings, says: /kubectl/ },

  'admin dex-client https://dkp.example.com/token/landing/ --format resource': { says: /kind: Client/ },
  'admin dex-client --issuer https://dkp.example.com/dex --cluster red-prod=https://red-prod.example.com --cluster blue=https://blue.example.com:6443':
    { says: /staticClients/ },
  'admin dex-client LOGIN-LINK --format portal-file --client-prefix dex-controller-': {
    says: /kind: PortalFile/,
  },

  'login LOGIN-LINK --sign-in page --cluster red-prod --method token --profile ci --output ./kube': {
    instead: { './kube': './kube --idp corporate' },
    pipesToken: true,
    says: /ci/,
  },
  [`${portalFile} --sign-in device`]: asks('red-prod'),
  [`${portalFile} --sign-in paste`]: asks('red-prod'),
  [`${portalFile} --sign-in browser --listen 127.0.0.1:18000 --no-browser`]: asks('red-prod'),
  'login LOGIN-LINK --issuer https://dkp.example.com/dex --client-id dkp-auth': asks('red-prod', {
    'dkp-auth': 'PUBLIC-CLIENT',
  }),
  'login --portal-file https://platform.example.com/portal.yaml':
    'a portal file from the web is fetched in test/commands/issuer-login.test.ts',
  [`${portalFile} --sign-in token-exchange --subject-token-env CI_ID_TOKEN --extra-param connector_id=ci --cluster red-prod --method 2 --profile ci-red-prod --output ./kube`]:
    'the embedded issuer has no such grant; real Dex has, in test/lab/scenarios/ways.test.ts',
  'login --issuer https://issuer.example.com --client-id ci-bot --client-secret-file ./secret --portal-file portal.yaml --sign-in client-credentials --cluster red-prod --method 2 --profile ci-red-prod --output ./kube':
    'the embedded issuer has no such grant; another one has, in test/commands/machine-login.test.ts',
  [`${portalFile} --sign-in password --username robot --password-fd 3 --cluster red-prod --method 2 --profile robot-red-prod`]:
    'the embedded issuer has no such grant; real Dex has, in test/lab/scenarios/ways.test.ts',
};

const shown = new Set<string>();
for (const file of await documents()) {
  for (const { words } of await commandsIn(file)) shown.add(words.join(' '));
}

describe('commands of the documents, run', { concurrency: 2 }, () => {
  let demo: Demo;
  before(async () => {
    demo = await startDemo();
  });
  after(() => demo.close());

  test('none is left out without a reason', () => {
    assert.deepEqual([...shown].sort(), Object.keys(plays).sort());
  });

  for (const [line, how] of Object.entries(plays)) {
    if (typeof how === 'string') continue;
    test(`dkp-auth ${line}`, async t => {
      const { code, stderr, shown: result } = await play(t, demo, line, how);
      assert.ok((how.exits ?? [0]).includes(code ?? -1), `ended with ${code}:\n${stderr}\n${result}`);
      if (how.says !== undefined) assert.match(result, how.says);
    });
  }
});
