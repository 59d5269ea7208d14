import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { existsSync, readdirSync } from 'node:fs';
import { mkdtemp, readFile, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { execa } from 'execa';
import { signIn } from '../../source/demo/index.ts';
import { audienceScope, formLogin, issuerUrl, passwordGrant, refresh } from './dex-login.ts';
import { type LabDocument, readAudit } from './document.ts';
import {
  asBearer,
  kubectl,
  labCommand,
  portalNamed,
  programNamed,
  serverNamed,
  theLab,
  userNamed,
  whoami,
} from './harness.ts';
import { fetchFrom } from './probe.ts';
import { markedProcesses } from './processes.ts';
import { issuerIds, peerClient, portalClient, publicClient, users } from './world.ts';

const redirectUri = 'http://localhost:18000';

let lab: LabDocument;
before(async () => {
  lab = await theLab();
});

test('every part answers', () => {
  assert.deepEqual(
    lab.parts.filter(part => !part.answers).map(part => part.id),
    [],
  );
  assert.equal(lab.state, 'up');
});

test('a second `up` starts nothing', async () => {
  const again = await execa(labCommand, ['up', '--json'], { timeout: 120_000 });
  const pids = (document: Pick<LabDocument, 'parts'>) => document.parts.map(part => [part.id, part.pid]);
  assert.deepEqual(pids(JSON.parse(again.stdout) as LabDocument), pids(lab));
});

for (const issuer of issuerIds) {
  describe(`issuer ${issuer}`, () => {
    test('answers discovery, under a path as in DKP', async () => {
      const ca = await readFile(lab.caFile, 'utf8');
      const answer = await fetchFrom(`${issuerUrl(lab, issuer)}/.well-known/openid-configuration`, { ca });
      const metadata = JSON.parse(answer.body) as { issuer: string; device_authorization_endpoint: string };
      assert.equal(metadata.issuer, issuerUrl(lab, issuer));
      assert.equal(metadata.device_authorization_endpoint, `${issuerUrl(lab, issuer)}/device/code`);
    });

    for (const user of users) {
      test(`logs ${user.name} in by the page of ${user.connector}`, async () => {
        const { claims } = await formLogin(lab, { issuer, user, client: publicClient, redirectUri });
        assert.equal(claims['email'], user.email);
        assert.equal(claims['email_verified'], true);
        assert.deepEqual(
          [...((claims['groups'] as string[] | undefined) ?? [])].sort(),
          [...user.groups].sort(),
        );
        assert.equal(claims['aud'], publicClient.id);
      });
    }

    test('refuses a wrong password', async () => {
      const user = { ...userNamed('jane'), password: 'wrong' };
      await assert.rejects(passwordGrant(lab, { issuer, user, client: portalClient }), /Dex answered 401/);
      await assert.rejects(formLogin(lab, { issuer, user, client: publicClient, redirectUri }), /Invalid/);
    });

    test('names an isolated cluster as the audience for the public client', async () => {
      const scopes = [audienceScope('isolated-a'), 'offline_access'];
      const user = userNamed('jane');
      const tokens = await formLogin(lab, { issuer, user, client: publicClient, redirectUri, scopes });
      assert.ok([tokens.claims['aud']].flat().includes('isolated-a'));
      assert.notEqual(tokens.refreshToken, undefined);
    });

    test('renews a session twice, each time with the next refresh token', async () => {
      for (const user of users) {
        const wish = { issuer, user, client: publicClient };
        let tokens = await formLogin(lab, { ...wish, redirectUri, scopes: ['offline_access'] });
        for (let times = 0; times < 2; times += 1)
          tokens = await refresh(lab, wish, tokens.refreshToken ?? '');
        assert.equal(tokens.claims['email'], user.email);
      }
    });

    test('takes a public client back to localhost; only from 2.42 on to 127.0.0.1, too', async () => {
      const login = formLogin(lab, {
        issuer,
        user: userNamed('jane'),
        client: publicClient,
        redirectUri: 'http://127.0.0.1:18000',
      });
      if (issuer === 'dex') assert.equal((await login).claims['email'], 'jane@lab.example');
      else await assert.rejects(login, /Unregistered redirect_uri/);
    });

    test('its tokens are accepted by the stock servers, both of them', async () => {
      const user = userNamed('jane');
      const { idToken } = await passwordGrant(lab, { issuer, user, client: portalClient });
      for (const name of ['stock-a', 'stock-b']) {
        const person = await whoami(lab, serverNamed(lab, name), idToken);
        assert.deepEqual(person, {
          ...person,
          username: 'jane@lab.example',
          groups: ['oidc:developers', 'oidc:platform-admins', 'system:authenticated'],
        });
      }
    });

    test('a token for one isolated server is refused by the other, and by the stock ones', async () => {
      const wish = { issuer, user: userNamed('jane'), client: publicClient };
      const { idToken } = await passwordGrant(lab, { ...wish, scopes: [audienceScope('isolated-a')] });
      assert.ok('username' in (await whoami(lab, serverNamed(lab, 'isolated-a'), idToken)));
      for (const name of ['isolated-b', 'stock-a', 'stock-b']) {
        const answer = await whoami(lab, serverNamed(lab, name), idToken);
        assert.match('error' in answer ? answer.error : 'accepted', /Unauthorized|must be logged in/, name);
      }
    });

    test('a token of the portal is refused by the isolated servers', async () => {
      const { idToken } = await passwordGrant(lab, { issuer, user: userNamed('jane'), client: portalClient });
      for (const name of ['isolated-a', 'isolated-b']) {
        assert.ok('error' in (await whoami(lab, serverNamed(lab, name), idToken)), name);
      }
    });
  });
}

describe('rights', () => {
  const may = async (login: string, serverName: string, ...question: string[]) => {
    const server = serverNamed(lab, serverName);
    const scopes = [audienceScope(server.audience)];
    const user = userNamed(login);
    const { idToken } = await formLogin(lab, {
      issuer: 'dex',
      user,
      client: publicClient,
      redirectUri,
      scopes,
    });
    const result = await kubectl(lab, [...asBearer(server, idToken), 'auth', 'can-i', ...question]);
    return result.stdout.trim();
  };
  const read = ['list', 'configmaps', '--all-namespaces'];
  const write = ['create', 'configmaps', '--namespace=team'];

  test('by group: an administrator may do everything', async () => {
    assert.equal(await may('jane', 'isolated-b', 'delete', 'nodes', '--all-namespaces'), 'yes');
  });
  test('by group: a developer writes at -a and only reads at -b', async () => {
    assert.equal(await may('john', 'isolated-a', ...write), 'yes');
    assert.equal(await may('john', 'isolated-b', ...write), 'no');
    assert.equal(await may('john', 'isolated-b', ...read), 'yes');
  });
  test('by group: whoever comes from the mock provider reads', async () => {
    assert.equal(await may('', 'isolated-a', ...read), 'yes');
  });
  test('by name: the local user reads', async () => {
    assert.equal(await may('ada@lab.example', 'isolated-a', ...read), 'yes');
    assert.equal(await may('ada@lab.example', 'isolated-a', ...write), 'no');
  });
  test('whoever is in no group may log in and see nothing', async () => {
    assert.equal(await may('eve', 'isolated-a', ...read), 'no');
  });
});

describe('token services', () => {
  const person = (login: string) => {
    const { password, connector } = userNamed(login);
    return { login, password, identityProvider: connector };
  };

  for (const [portalName, serverName] of [
    ['portal-stock', 'stock-b'],
    ['portal-older', 'stock-a'],
    ['portal-isolated', 'isolated-a'],
  ] as const) {
    test(`${portalName} hands out a token that ${serverName} accepts`, async () => {
      const portal = portalNamed(lab, portalName);
      const ca = await readFile(portal.caFile, 'utf8');
      const base = new URL('/token/', portal.loginLink).href;
      const requestCode = randomBytes(12).toString('hex');
      const begun = await fetchFrom(`${base}async`, {
        ca,
        method: 'POST',
        body: JSON.stringify({ requestCode }),
      });
      const { authURL, hmac } = JSON.parse(begun.body) as { authURL: string; hmac: string };
      await signIn(authURL, person('jane'), { ca });
      const query = new URLSearchParams({ hmac, requestCode });
      const answer = JSON.parse((await fetchFrom(`${base}async/query?${query}`, { ca })).body) as {
        token: string;
      };
      const { username } = {
        username: '',
        ...(await whoami(lab, serverNamed(lab, serverName), answer.token)),
      };
      assert.equal(username, 'jane@lab.example');
    });
  }

  test('the page of an isolated cluster yields a token for that cluster alone', async () => {
    const portal = portalNamed(lab, 'portal-isolated');
    const ca = await readFile(portal.caFile, 'utf8');
    const page = await signIn(new URL('/token/login/isolated-b', portal.loginLink).href, person('jane'), {
      ca,
    });
    assert.ok('username' in (await whoami(lab, serverNamed(lab, 'isolated-b'), page.token ?? '')));
    assert.ok('error' in (await whoami(lab, serverNamed(lab, 'isolated-a'), page.token ?? '')));
  });
});

test('the audit log of a server names who asked', async () => {
  const server = serverNamed(lab, 'stock-b');
  const { idToken } = await passwordGrant(lab, {
    issuer: 'dex',
    user: userNamed('john'),
    client: portalClient,
  });
  const path = `/api/v1/namespaces/team/configmaps/asked-${Date.now()}`;
  await kubectl(lab, [...asBearer(server, idToken), 'get', '--raw', path]);
  const event = (await readAudit(server)).find(each => each.requestURI === path);
  assert.equal(event?.user?.username, 'john@lab.example');
  assert.equal(event?.responseStatus?.code, 404);
});

test('each API server says which version it is, to kubectl of either minor', async () => {
  for (const tool of ['kubectl', 'kubectl-oldest'] as const) {
    for (const server of lab.servers) {
      const config = `--kubeconfig=${server.adminKubeconfig}`;
      const result = await kubectl(lab, [config, 'version', '--output=json'], { tool });
      const version = JSON.parse(result.stdout) as Record<string, { gitVersion: string }>;
      assert.equal(version['serverVersion']?.gitVersion, server.version);
      assert.equal(version['clientVersion']?.gitVersion, programNamed(lab, tool).version);
    }
  }
});

test('int128/kubelogin gets a token from either issuer', async () => {
  const { login, password } = userNamed('john');
  const cache = await temporaryFolder('kubelogin');
  for (const issuer of issuerIds) {
    const client = [`--oidc-client-id=${peerClient.id}`, `--oidc-client-secret=${peerClient.secret}`];
    const server = [`--oidc-issuer-url=${issuerUrl(lab, issuer)}`, `--certificate-authority=${lab.caFile}`];
    const grant = ['--grant-type=password', `--username=${login}`, `--password=${password}`];
    const scopes = ['email', 'groups', audienceScope('isolated-b')].map(
      scope => `--oidc-extra-scope=${scope}`,
    );
    const args = ['get-token', ...server, ...client, ...grant, ...scopes, `--token-cache-dir=${cache}`];
    const result = await execa(programNamed(lab, 'kubelogin').path, args, { timeout: 20_000 });
    const credential = JSON.parse(result.stdout) as { status: { token: string } };
    assert.ok('username' in (await whoami(lab, serverNamed(lab, 'isolated-b'), credential.status.token)));
  }
});

test('sshd lets the key of the lab in, to a home of the lab, on a terminal', async () => {
  const { arguments: args, home } = lab.ssh;
  const result = await execa('ssh', ['-tt', ...args, 'echo "$HOME"; tty'], { timeout: 20_000 });
  assert.match(result.stdout, new RegExp(`^${home}\\s+/dev/pts/\\d+`));
});

test('the keyring keeps a secret for whoever has its bus', async () => {
  const env = lab.keyring.environment;
  const attributes = ['lab-test', 'secret'];
  await execa('secret-tool', ['store', '--label=lab test', ...attributes], {
    env,
    input: 'kept',
    timeout: 10_000,
  });
  const { stdout } = await execa('secret-tool', ['lookup', ...attributes], { env, timeout: 10_000 });
  await execa('secret-tool', ['clear', ...attributes], { env, timeout: 10_000 });
  assert.equal(stdout, 'kept');
});

test("Chromium shows Dex's choice of providers", async () => {
  const profile = await temporaryFolder('chromium');
  const { executable, arguments: args } = lab.browser;
  const query = new URLSearchParams({
    client_id: publicClient.id,
    redirect_uri: redirectUri,
    response_type: 'code',
    scope: 'openid',
  });
  const page = `${issuerUrl(lab, 'dex')}/auth?${query}`;
  const { stdout } = await execa(
    executable,
    [...args, '--ignore-certificate-errors', `--user-data-dir=${profile}`, '--dump-dom', page],
    { timeout: 60_000 },
  );
  for (const { name } of lab.connectors) assert.match(stdout, new RegExp(`Log in with ${name}`));
});

test('tmux runs a program and shows what it prints', async () => {
  const folder = await temporaryFolder('tmux');
  const tmux = (...args: string[]) =>
    execa('tmux', ['-S', join(folder, 'socket'), '-f', '/dev/null', ...args], { timeout: 10_000 });
  await tmux('new-session', '-d', '-x', '80', '-y', '24', 'echo it works; read -r answer');
  try {
    await until(async () => (await tmux('capture-pane', '-p')).stdout.startsWith('it works'));
  } finally {
    await tmux('kill-server');
  }
});

test('a second lab stands beside the first, and `down` leaves no process and no file of it', async () => {
  const folder = join(await temporaryFolder('second'), 'lab');
  const env = { DKP_AUTH_LAB_DIR: folder };
  const second = JSON.parse(
    (await execa(labCommand, ['up', '--json'], { env, timeout: 180_000 })).stdout,
  ) as LabDocument;
  const { run } = JSON.parse(await readFile(join(folder, 'plan.json'), 'utf8')) as { run: string };
  try {
    assert.equal(second.state, 'up');
    assert.equal(
      second.parts.filter(part => lab.parts.some(mine => mine.address === part.address)).length,
      0,
    );
    await dexKeepsItsKeysUnlessTold(second, env);
    const others = markedProcesses(run).length;
    // Somebody still logged in, whom sshd would let stay.
    execa('ssh', [...second.ssh.arguments, 'sleep 300'], { reject: false });
    await until(async () => markedProcesses(run).length > others);
  } finally {
    await execa(labCommand, ['down'], { env, timeout: 60_000 });
  }
  assert.deepEqual(markedProcesses(run), []);
  assert.equal(existsSync(folder), false);
  assert.equal((await theLab()).state, 'up');
});

async function dexKeepsItsKeysUnlessTold(second: LabDocument, env: Record<string, string>): Promise<void> {
  const restart = (...args: string[]) =>
    execa(labCommand, ['restart', 'dex', ...args], { env, timeout: 90_000 });
  const login = () => passwordGrant(second, { issuer: 'dex', user: userNamed('john'), client: portalClient });
  const accepted = async (token: string) =>
    'username' in (await whoami(second, serverNamed(second, 'stock-b'), token));
  const before = await login();
  assert.ok(await accepted(before.idToken));

  await restart('--token-lifetime', '30s');
  const { claims, idToken } = await login();
  assert.equal(Number(claims['exp']) - Number(claims['iat']), 30);
  assert.ok(await accepted(idToken));

  await restart('stock-b', '--forget');
  assert.ok(await accepted((await login()).idToken));
  assert.equal(await accepted(before.idToken), false);
}

describe('without Go', () => {
  /** A machine with everything the lab needs but Go, and nothing built. */
  async function without(name: string): Promise<Record<string, string>> {
    const folder = await temporaryFolder(name);
    const shell = ['bash', 'dirname', 'env', 'flock', 'mkdir', 'mktemp', 'nice', 'readlink', 'rm'];
    for (const program of [...shell, 'openssl', 'secret-tool', 'ssh-keygen'])
      await symlink(`/usr/bin/${program}`, join(folder, program));
    return { PATH: folder, XDG_CACHE_HOME: join(folder, 'cache'), TMPDIR: folder };
  }

  test('the lab names the part and what is lost, and fails', async () => {
    const env = await without('no-go');
    const result = await execa(labCommand, ['build', 'kubectl'], { env, reject: false, timeout: 30_000 });
    assert.equal(result.exitCode, 1);
    assert.match(result.stderr, /kubectl cannot be had: there is no Go .* the suite loses: /);
  });

  test('the suite fails before its first test, names every part, and leaves nothing', async () => {
    const env = await without('no-suite');
    const result = await execa(labCommand, ['test'], { env, reject: false, timeout: 120_000 });
    assert.equal(result.exitCode, 1);
    for (const part of ['kubectl', 'dex', 'kube-apiserver', 'client', 'stock-a', 'portal-stock'])
      assert.match(result.stderr, new RegExp(`^lab: ${part} cannot be had: `, 'm'));
    assert.equal(result.stdout, '');
    assert.match(result.stderr, /down: no process and no file of the run is left\n?$/);
    assert.deepEqual(
      readdirSync(env['TMPDIR'] ?? '').filter(name => name.startsWith('tmp.')),
      [],
    );
  });
});

async function temporaryFolder(name: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), `dkp-auth-${name}-`));
  after(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

async function until(done: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 100; tries += 1) {
    if (await done()) return;
    await pause(100);
  }
  assert.fail('it did not happen within ten seconds');
}
