import assert from 'node:assert/strict';
import { parseSession } from '../../../source/credentials/session.ts';
import { layOut } from '../../../source/kubeconfig/layout.ts';
import { mergeEntries } from '../../../source/kubeconfig/merge.ts';
import { readKubeconfig } from '../../../source/kubeconfig/read.ts';
import { parsePortalFile } from '../../../source/portal/portal-file.ts';
import { parseProfile } from '../../../source/profiles/profile.ts';
import { parseProfileName } from '../../../source/profiles/profile-name.ts';
import { plainText } from '../../../source/text.ts';
import type { Target } from '../target.ts';

const portalFile = `apiVersion: dkp-auth/v1
kind: PortalFile
loginLink: https://dkp.example.com/token/landing/
issuer: https://dkp.example.com/dex
client:
  id: dkp-auth
  scopes: [profile, email]
  redirectPorts: [8000]
workspaces:
  - name: red
    loginLink: https://dkp.example.com/token/landing/red
clusters:
  - name: one
    server: https://one.example.com:6443
    workspace: red
    audience: { dexClient: one }
`;
const kubeconfig = `apiVersion: v1
kind: Config
# mine
clusters:
- cluster: {server: "https://one.example.com"}
  name: one
contexts:
- context: {cluster: one, user: one}
  name: one
users:
- name: one
  user:
    token: abc
current-context: one
`;
const entry = {
  profile: parseProfileName('prod'),
  server: 'https://prod.example.com',
  ca: undefined,
  user: { kind: 'exec', command: '/opt/dkp-auth-token', args: ['--profile', 'prod'] },
} as const;
const mergeInto = (text: string) =>
  mergeEntries([layOut(text, 'config')], [entry], {
    onConflict: 'fail',
    forNew: 'config',
    isKnown: () => false,
    setCurrent: undefined,
  }).layouts[0]?.text ?? '';
const yamlWords = [
  '&a ',
  '*a',
  '<<: *a',
  '- ',
  ': ',
  '!!str ',
  '!!binary ',
  '? ',
  '| \n',
  '> \n',
  '---\n',
  '...\n',
  '%YAML 1.1\n',
  '{',
  '}',
  '[',
  ']',
  '# ',
];

export const fileTargets: readonly Target[] = [
  {
    name: 'portal-file',
    seeds: [portalFile],
    words: [...yamlWords, 'clusters:', 'client:', 'server: ', 'ca: |\n', 'audience:', 'resource:'],
    run: async text => {
      const readAuthority = async () => '-----BEGIN CERTIFICATE-----\nMA==\n-----END CERTIFICATE-----';
      const { client, clusters } = await parsePortalFile({ source: 'portal.yaml', text, readAuthority });
      return [client.clientId, ...client.scopes, ...clusters.flatMap(({ name, server }) => [name, server])];
    },
  },
  {
    name: 'kubeconfig',
    seeds: [kubeconfig, '{}', 'users: &u [{name: prod, user: {}}]\nclusters: *u\n'],
    words: [...yamlWords, 'clusters:', 'contexts:', 'users:', 'name: prod', 'cluster: prod', 'user: prod'],
    run: text => {
      const { entries, currentContext } = readKubeconfig(text, 'config');
      const merged = mergeInto(text);
      // What was written is read again by the next run, and by kubectl; and the next run changes nothing.
      assert.equal(mergeInto(merged), merged);
      return [...entries, currentContext].flatMap(entry =>
        entry === undefined ? [] : [plainText(entry.name)],
      );
    },
  },
  {
    name: 'profile',
    seeds: [
      JSON.stringify({
        version: 1,
        name: 'prod',
        cluster: { name: 'prod', server: 'https://prod.example.com', hostname: 'prod.example.com' },
        issuer: 'https://dkp.example.com/dex',
        portal: { loginLink: 'https://dkp.example.com/token/landing/' },
        signIn: 'portal',
        kubeconfigs: [],
      }),
    ],
    words: ['"client":', '"audience":{"kind":"shared"}', '"account":', '"signIn":"browser"'],
    run: text => [parseProfile(text, 'prod.json').name],
  },
  {
    name: 'session',
    seeds: [
      '{"version":1,"id":"x","issuer":"https://a","clientId":"b","account":{"issuer":"a","subject":"b","label":"c"},"refreshToken":"d","scopes":[]}',
    ],
    run: text => {
      parseSession(text, '0'.repeat(40));
      return [];
    },
  },
];
