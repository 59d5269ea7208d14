import { parseSession } from '../../../source/credentials/session.ts';
import { formatKubeconfig, parseKubeconfig, putEntries } from '../../../source/kubeconfig/document.ts';
import { parsePortalFile } from '../../../source/portal/portal-file.ts';
import { parseProfile } from '../../../source/profiles/profile.ts';
import { parseProfileName } from '../../../source/profiles/profile-name.ts';
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
      const document = parseKubeconfig(text, 'config');
      putEntries(document, [entry], 'config', () => false);
      const written = formatKubeconfig(document);
      // What was written is read again by the next run, and by kubectl.
      putEntries(parseKubeconfig(written, 'config'), [entry], 'config', () => false);
      return [];
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
