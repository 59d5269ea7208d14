import assert from 'node:assert/strict';
import fs from 'node:fs/promises';
import path from 'node:path';
import { after, before, describe, type TestContext, test } from 'node:test';
import { type Demo, startDemo } from '../../source/demo/index.ts';
import type { DoctorDocument } from '../../source/doctor/report.ts';
import type { Profile, ProfileClient } from '../../source/profiles/profile.ts';
import { rememberPortal } from '../../source/system/settings.ts';
import { boundProfile, keepToken } from '../helpers/bound-profile.ts';
import { connectProxy } from '../helpers/connect-proxy.ts';
import { type Home, temporaryHome } from '../helpers/home.ts';
import { closedAddress, oddServer, silentServer } from '../helpers/odd-server.ts';
import { kubectlSays, pathFolder } from '../helpers/path-folder.ts';
import { assertNoToken, assertPlain } from '../helpers/plain-output.ts';
import { jsonOf, runProgram } from '../helpers/program.ts';

const clientOf = (id: string, more: Partial<ProfileClient> = {}): ProfileClient => ({
  id,
  scopes: [],
  extraParameters: {},
  tokenKind: 'id-token',
  flags: [],
  listen: ['127.0.0.1:8000'],
  credentialStore: 'file',
  ...more,
});

/** A machine on which all is well: kubectl, the plugin, and a profile that signs in at the issuer. */
async function healthy(t: TestContext, demo: Demo, more: Partial<Profile> = {}) {
  const home = await temporaryHome(t);
  const node = `exec ${process.execPath} "$@"`;
  const bin = await pathFolder(home, { kubectl: kubectlSays(35), node, 'dkp-auth': 'exit 0' });
  const env: Record<string, string> = { ...home.env, PATH: bin };
  const client = clientOf(demo.document.clients.public);
  const profile = await boundProfile(home, demo, 'mgmt', 'kubernetes-cluster', {
    signIn: 'browser',
    client,
    ...more,
  });
  return { home, env, profile };
}

type Machine = Awaited<ReturnType<typeof healthy>>;
type Setting = Machine & { readonly demo: Demo; readonly t: TestContext };

/** How a machine or a platform is broken, and the one check that has to name it. */
type Broken = {
  readonly what: string;
  readonly fault: string;
  readonly says: RegExp;
  readonly profile?: (demo: Demo, t: TestContext) => Promise<Partial<Profile>>;
  readonly how?: (setting: Setting) => Promise<string[] | undefined> | string[] | undefined;
};

const elsewhere = async (loginLink: string, ca?: string): Promise<Partial<Profile>> => ({
  portal: { loginLink: `${loginLink}/token/landing/`, ...(ca !== undefined && { ca }) },
});

const inFile = (home: Home, ...parts: string[]) => path.join(home.folder, ...parts);

const brokenSetups: readonly Broken[] = [
  {
    what: 'a name that nobody knows',
    fault: 'name',
    says: /dkp\.nowhere\.invalid is not known here/,
    profile: () => elsewhere('https://dkp.nowhere.invalid'),
  },
  {
    what: 'a port at which nothing listens',
    fault: 'tcp',
    says: /nothing listens there/,
    profile: async () => elsewhere(await closedAddress()),
  },
  {
    what: 'a server that takes the connection and stays silent',
    fault: 'tls',
    says: /no answer within 3 s/,
    profile: async (_demo, t) => elsewhere(await silentServer(t)),
  },
  {
    what: 'a proxy that is not there',
    fault: 'proxy',
    says: /Could not reach the proxy/,
    how: async ({ env }) => {
      env['HTTPS_PROXY'] = (await closedAddress()).replace('https', 'http');
      return undefined;
    },
  },
  {
    what: 'a proxy that does not let us through',
    fault: 'proxy',
    says: /does not let us through .*403/,
    how: async ({ env, t }) => {
      env['HTTPS_PROXY'] = (await connectProxy(t, { refuses: 403 })).url;
      return undefined;
    },
  },
  {
    what: 'a proxy that wants a password',
    fault: 'proxy',
    says: /407/,
    how: async ({ env, t }) => {
      env['HTTPS_PROXY'] = (await connectProxy(t, { credentials: 'ada:secret' })).url;
      return undefined;
    },
  },
  {
    what: 'a proxy address that is none',
    fault: 'proxy',
    says: /HTTPS_PROXY names a proxy of a kind that is not supported/,
    how: ({ env }) => {
      env['HTTPS_PROXY'] = 'socks5://ada:canary-password@127.0.0.1:1';
      return undefined;
    },
  },
  {
    what: 'a certificate that this machine does not know',
    fault: 'tls',
    says: /which this machine does not know/,
    profile: async ({ document }) => elsewhere(`https://127.0.0.1:${document.port}`),
  },
  {
    what: 'a certificate that is not the one chosen to trust',
    fault: 'tls',
    says: /which is not what you chose to trust/,
    profile: async ({ document }, t) =>
      elsewhere(`https://127.0.0.1:${document.port}`, (await oddServer(t)).ca),
  },
  {
    what: 'a certificate that is over',
    fault: 'tls',
    says: /valid from .* which today is not/,
    profile: async (_demo, t) => {
      const { url, ca } = await oddServer(t, { valid: { from: -9, to: -2 } });
      return elsewhere(url, ca);
    },
  },
  {
    what: 'a certificate for another name',
    fault: 'tls',
    says: /for another name than 127\.0\.0\.1/,
    profile: async (_demo, t) => {
      const { url, ca } = await oddServer(t, { dns: ['other.example'], ip: [] });
      return elsewhere(url, ca);
    },
  },
  {
    what: 'a clock that is hours behind',
    fault: 'clock',
    says: /this machine's clock is 3 hours behind the server's/,
    how: ({ demo, t }) => {
      const date = new Date(Date.now() + 3 * 3_600_000).toUTCString();
      const stop = demo.intercept(
        '/',
        ({ response }) => {
          response.setHeader('date', date);
          return false;
        },
        { server: 'portal' },
      );
      t.after(stop);
      return undefined;
    },
  },
  {
    what: 'a clock so wrong that no certificate passes',
    fault: 'clock',
    says: /this machine's clock is 25 days behind the server's/,
    profile: async (_demo, t) => {
      const { url, ca } = await oddServer(t, { valid: { from: 20, to: 34 } }, 25 * 24 * 3_600_000);
      return elsewhere(url, ca);
    },
  },
  {
    what: 'an address with no token service',
    fault: 'token-service',
    says: /There is no DKP token service/,
    how: ({ demo }) => void demo.faults.set('providers', 'not-found'),
  },
  {
    what: 'a token service in trouble',
    fault: 'token-service',
    says: /status 502/,
    how: ({ demo }) => void demo.faults.set('providers', 'bad-gateway'),
  },
  {
    what: 'a page where the token service should be',
    fault: 'token-service',
    says: /is not JSON/,
    how: ({ demo }) => void demo.faults.set('providers', 'not-json'),
  },
  {
    what: 'a token service that never answers',
    fault: 'token-service',
    says: /no answer (in time|within 3 s)/,
    how: ({ demo }) => void demo.faults.set('providers', 'hang'),
  },
  {
    what: 'a platform without clusters',
    fault: 'clusters',
    says: /lists no cluster/,
    how: ({ demo }) => void demo.faults.set('providers', { body: 'null' }),
  },
  {
    what: 'an issuer without metadata',
    fault: 'issuer',
    says: /answers the request for its metadata with status 404/,
    how: ({ demo }) => void demo.faults.set('discovery', 'not-found'),
  },
  {
    what: 'an issuer that names another one',
    fault: 'issuer',
    says: /names another issuer/,
    how: ({ demo }) =>
      void demo.faults.set('discovery', {
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ issuer: 'https://evil.example/dex', jwks_uri: 'https://evil.example/keys' }),
      }),
  },
  {
    what: 'keys that cannot be read',
    fault: 'keys',
    says: /publishes keys that cannot be read/,
    how: ({ demo }) => void demo.faults.set('keys', 'wrong-types'),
  },
  {
    what: 'a client that the issuer does not know',
    fault: 'client',
    says: /refuses the client "unheard-of".*Invalid client_id/,
    profile: async () => ({ client: clientOf('unheard-of') }),
  },
  {
    what: 'an issuer that sends browsers back elsewhere only',
    fault: 'redirect',
    says: /does not send browsers back to http:\/\/127\.0\.0\.1:8000\/callback.*Unregistered redirect_uri/,
    profile: async ({ document }) => ({ client: clientOf(document.clients.portal) }),
    how: ({ demo }) =>
      // That client may not ask for device codes either; here only its redirect is of interest.
      void demo.faults.set('device', {
        headers: { 'content-type': 'application/json' },
        body: '{"device_code":"x"}',
      }),
  },
  {
    what: 'device codes that are refused',
    fault: 'device',
    says: /a device code is refused \(status 404\)/,
    how: ({ demo }) => void demo.faults.set('device', 'not-found'),
  },
  {
    what: 'an API server that is gone',
    fault: 'api-server',
    says: /nothing listens there/,
    profile: async ({ cluster }) => {
      const { name, clusterHostname: hostname, ca } = cluster('kubernetes-cluster');
      return { cluster: { name, hostname, ca, server: await closedAddress() } };
    },
  },
  {
    what: "an API server that has another authority's certificate",
    fault: 'api-server',
    says: /The certificate of 127\.0\.0\.1:\d+ is not one to trust here/,
    profile: async ({ cluster }, t) => {
      const { name, clusterHostname: hostname, server } = cluster('kubernetes-cluster');
      return { cluster: { name, hostname, server, ca: (await oddServer(t)).ca } };
    },
  },
  {
    what: 'no kubectl',
    fault: 'kubectl',
    says: /there is no kubectl on PATH/,
    how: async ({ home }) => {
      await fs.rm(inFile(home, 'bin', 'kubectl'));
      return undefined;
    },
  },
  {
    what: 'an old kubectl',
    fault: 'kubectl',
    says: /v1\.18\.0 .*too old for the plugin protocol/,
    how: async ({ home }) => {
      await pathFolder(home, { kubectl: kubectlSays(18) });
      return undefined;
    },
  },
  {
    what: 'a kuberc that forbids plugins',
    fault: 'kuberc',
    says: /forbids all credential plugins/,
    how: async ({ home }) => {
      await fs.mkdir(inFile(home, '.kube'));
      await fs.writeFile(
        inFile(home, '.kube', 'kuberc'),
        'kind: Preference\ncredentialPluginPolicy: DenyAll\n',
      );
      return undefined;
    },
  },
  {
    what: 'a kuberc that allows other plugins',
    fault: 'kuberc',
    says: /dkp-auth is not among them/,
    how: async ({ home, env }) => {
      const file = inFile(home, 'rules');
      await fs.writeFile(
        file,
        'credentialPluginPolicy: Allowlist\ncredentialPluginAllowlist:\n- name: other\n',
      );
      env['KUBERC'] = file;
      return undefined;
    },
  },
  {
    what: 'no Node.js for the plugin',
    fault: 'plugin',
    says: /the plugin finds no Node\.js on PATH/,
    how: async ({ home }) => {
      await fs.rm(inFile(home, 'bin', 'node'));
      return undefined;
    },
  },
  {
    what: 'a folder that others may enter',
    fault: 'folders',
    says: /open to others: ~\/state\/credentials \(755\)/,
    how: async ({ home, demo, profile }) => {
      await keepToken(home, demo, profile);
      await fs.chmod(home.paths.credentials, 0o755);
      return undefined;
    },
  },
  {
    what: 'a profile file that is damaged',
    fault: 'profiles',
    says: /other\.json is not a profile of this program/,
    how: async ({ home }) => {
      await fs.writeFile(path.join(home.paths.profiles, 'other.json'), '{"version":1', { mode: 0o600 });
      return undefined;
    },
  },
  {
    what: 'settings that are damaged',
    fault: 'settings',
    says: /The settings in .* cannot be read/,
    how: async ({ home }) => {
      await fs.writeFile(path.join(home.paths.config, 'settings.json'), '{"portals":', { mode: 0o600 });
      return undefined;
    },
  },
  {
    what: 'a keyring that was chosen and is not there',
    fault: 'keyring',
    says: /The keyring cannot be used/,
    how: ({ env }) => {
      env['DKP_AUTH_CREDENTIAL_STORE'] = 'keyring';
      return undefined;
    },
  },
];

describe('doctor', () => {
  let demo: Demo;
  before(async () => {
    demo = await startDemo();
  });
  after(() => demo.close());

  test('finds nothing at fault where all is well', async t => {
    const { env, home, profile } = await healthy(t, demo);
    await keepToken(home, demo, profile);
    demo.forgetRequests();
    const ended = await runProgram(['doctor'], { env });
    assert.equal(ended.code, 0, ended.stdout + ended.stderr);
    assert.match(ended.stdout, /\n0 faults, 0 warnings, \d+ ok\.\n$/);
    for (const id of [
      'name',
      'tls',
      'clock',
      'issuer',
      'keys',
      'client',
      'redirect',
      'device',
      'api-server',
    ]) {
      assert.match(ended.stdout, new RegExp(`^  ok {7}${id} `, 'm'));
    }
    assertPlain(ended.stdout);
    assertNoToken(ended.stdout, ended.stderr);
    assert.equal(ended.stdout.includes(home.folder), false);
    // No credential goes anywhere.
    for (const { headers, bearer } of demo.requests) {
      assert.equal(bearer, undefined);
      assert.equal(headers['authorization'] ?? headers['cookie'], undefined);
    }
  });

  for (const { what, fault, says, profile, how } of brokenSetups) {
    test(`names the fault: ${what}`, async t => {
      t.after(() => demo.faults.clear());
      const machine = await healthy(t, demo, await profile?.(demo, t));
      const args = (await how?.({ ...machine, demo, t })) ?? [];
      const ended = await runProgram(['doctor', '--json', ...args], { env: machine.env });
      assert.equal(ended.code, 1, ended.stdout + ended.stderr);
      const { groups, counts } = jsonOf<DoctorDocument>(ended);
      const faults = groups.flatMap(({ checks }) => checks.filter(({ verdict }) => verdict === 'fault'));
      assert.deepEqual(
        faults.map(({ id }) => id),
        [fault],
        JSON.stringify(faults),
      );
      assert.match(faults[0]?.seen ?? '', says);
      assert.match(faults[0]?.todo ?? '', /\w/);
      assert.equal(counts.faults, 1);
      assert.equal(ended.stdout.includes('canary'), false);
    });
  }

  test('is done within ten seconds where nothing answers', async t => {
    const silent = await silentServer(t);
    const { env, home } = await healthy(t, demo, await elsewhere('https://127.0.0.1:1'));
    for (const number of [1, 2, 3]) {
      const loginLink = `${silent.replace('127.0.0.1', `127.0.0.${number}`)}/token/landing/`;
      await rememberPortal(home.paths, { loginLink, lastUsed: number });
    }
    const ended = await runProgram(['doctor', '--json'], { env });
    const slowest = jsonOf<DoctorDocument>(ended)
      .groups.flatMap(({ checks }) => checks)
      .reduce((most, { ms }) => Math.max(most, ms), 0);
    assert.ok(slowest < 10_000, `${slowest} ms`);
  });

  test('looks at a platform that nobody has used yet', async t => {
    const home = await temporaryHome(t);
    const bin = await pathFolder(home, { kubectl: kubectlSays(35), node: 'exit 0' });
    const link = demo.document.loginLinks.global;
    const args = ['doctor', link, '--ca-file', demo.document.caFile, '--json'];
    const ended = await runProgram(args, { env: { ...home.env, PATH: bin } });
    assert.equal(ended.code, 0, ended.stdout + ended.stderr);
    const [portal] = jsonOf<DoctorDocument>(ended).groups;
    assert.equal(portal?.title, link);
    assert.deepEqual(
      portal?.checks.map(({ id, verdict }) => `${id} ${verdict}`),
      ['proxy', 'name', 'tcp', 'clock', 'tls', 'token-service', 'clusters', 'issuer', 'keys'].map(
        id => `${id} ok`,
      ),
    );
  });

  test('what comes from servers reaches the report as text only', async t => {
    t.after(() => demo.faults.clear());
    const { env } = await healthy(t, demo, { client: clientOf('unheard-of') });
    demo.intercept('/dex/auth', ({ response }) => {
      response.writeHead(400, { 'content-type': 'text/html' });
      response.end('<p>\u001b]52;c;ZXZpbA==\u0007Invalid \u202eclient</p>');
    });
    const ended = await runProgram(['doctor'], { env });
    assert.match(ended.stdout, /FAULT +client .*Invalid client/);
    assertPlain(ended.stdout);
  });
});
