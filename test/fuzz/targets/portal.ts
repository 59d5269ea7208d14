import { UserError } from '../../../source/errors.ts';
import { listClusters } from '../../../source/portal/clusters.ts';
import { readChoicePage } from '../../../source/portal/identity-providers.ts';
import { parseLoginLink } from '../../../source/portal/login-link.ts';
import { queryAsync, startAsync } from '../../../source/portal/token-service.ts';
import type { HttpClient } from '../../../source/system/http.ts';
import type { Target } from '../target.ts';

export const link = parseLoginLink('https://dkp.example.com/token/landing/');
const page = new URL('https://dkp.example.com/dex/auth');

const providers = JSON.stringify([
  {
    name: 'dkp.example.com',
    url: 'https://dkp.example.com/dex',
    clusters: [
      { name: 'red', clusterHostname: 'red.example.com', url: 'https://red.example.com/token', ca: '' },
      { name: 'blue', clusterHostname: 'blue.example.com', ca: '-----BEGIN CERTIFICATE-----\nMA==\n' },
    ],
  },
]);
const download = `apiVersion: v1
kind: Config
clusters:
- name: red.example.com
  cluster:
    server: https://red.example.com/dkp/api-server
    certificate-authority-data: LS0t
- name: blue.example.com
  cluster: {server: "https://blue.example.com:6443"}
users:
- name: default-profile
  user: {exec: {command: konvoy-async-plugin, args: [-auth-url=https://dkp.example.com/token/]}}
`;

/** A portal that answers every path that ends so with this text. */
export function answering(answers: Readonly<Record<string, string>>): HttpClient {
  return {
    send: async url => {
      const found = Object.keys(answers).find(end => url.pathname.endsWith(end));
      return found === undefined
        ? { status: 404, headers: {}, body: '' }
        : { status: 200, headers: { 'content-type': 'application/json' }, body: answers[found] ?? '' };
    },
    close: async () => undefined,
  };
}

async function clustersOf(answers: Readonly<Record<string, string>>): Promise<string[]> {
  const { clusters, unusable } = await listClusters({ link, http: answering(answers) });
  return [
    ...clusters.flatMap(({ name, hostname, server }) => [name, hostname, server]),
    ...unusable.flatMap(({ name, hostname, reason }) => [name, hostname, reason]),
  ];
}

export const portalTargets: readonly Target[] = [
  {
    name: 'choice-page',
    seeds: [
      '<html><a href="/dex/auth/corporate?state=x"><span>Log in with Corporate Directory</span></a><a href="/dex/auth/ldap">LDAP</a></html>',
      '<a href=/dex/auth/a%2Fb>x<b>y</a><!-- --><script>a</script><a href="//evil.example/dex/auth/x">z</a>&#27;[2J&lt;',
    ],
    words: [
      '<a href="/dex/auth/',
      '</a>',
      '<span class="dex-btn-text">',
      '&#x1b;',
      '&amp;',
      '<![CDATA[',
      '<title>',
    ],
    run: html => readChoicePage(html, page).map(({ name }) => name),
  },
  {
    name: 'providers',
    seeds: [providers, 'null', '[]'],
    words: ['"clusters":', '"clusterHostname":', '"url":', '"ca":', 'red.example.com'],
    run: body => clustersOf({ '/plugin/providers': body, '/plugin/kubeconfig': download }),
  },
  {
    name: 'download',
    seeds: [download, 'clusters: []', '{"clusters": [{"name": "a", "cluster": {"server": "https://a"}}]}'],
    words: [
      'clusters:',
      '- name: ',
      'cluster:',
      'server: ',
      'certificate-authority-data: ',
      '&a [*a,*a]',
      '!!binary ',
    ],
    run: body => clustersOf({ '/plugin/providers': providers, '/plugin/kubeconfig': body }),
  },
  {
    name: 'sign-in-answers',
    seeds: [
      '{"authURL":"https://dkp.example.com/dex/auth?client_id=x&state=y","hmac":"abc","ttl":300}',
      '{"token":"eyJh.eyJi.c","ready":true}',
      '{"token":null,"ready":false}',
    ],
    words: ['"ready":true', '"token":', '"authURL":', '"ttl":', '"hmac":'],
    run: async body => {
      const portal = { link, http: answering({ '/async': body, '/query': body }) };
      const started = await startAsync(portal, 'code').catch(refusal);
      const asked = await queryAsync(portal, { hmac: 'x', requestCode: 'y' }).catch(refusal);
      return [...(Array.isArray(started) ? started : []), ...(Array.isArray(asked) ? asked : [])];
    },
  },
];

/** For an input that is read twice: how one reading refused it. */
export function refusal(error: unknown): string[] {
  if (!(error instanceof UserError)) throw error;
  return [error.message, error.hint ?? ''];
}
