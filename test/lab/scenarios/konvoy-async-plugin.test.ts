import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { test } from 'node:test';
import { parse, stringify } from 'yaml';
import { keptTokens, pathWithPlugin } from '../../helpers/konvoy.ts';
import { runProgram } from '../../helpers/program.ts';
import { openTerminal } from '../../terminal/harness/terminal.ts';
import { assertIs, type Desk, deskAt, type Test } from '../desk.ts';
import { portalNamed, programNamed, serverNamed, userNamed } from '../harness.ts';
import { fetchFrom } from '../probe.ts';
import { setScene } from '../scene.ts';

const scene = setScene();
const profile = 'jane';
const kubectls = ['kubectl', 'kubectl-oldest'] as const;

type Downloaded = {
  clusters: { name: string; cluster: { server: string } }[];
  users: { user: { exec: Record<string, unknown> } }[];
};

/**
 * A desk on which the platform's kubeconfig was saved, and our second executable installed. A real platform has one
 * authority for its portal, its issuer and what the download names; in the lab these are three, so it is named here.
 */
async function deskWithDownload(t: Test) {
  const desk = await deskAt(t, scene.lab);
  const portal = portalNamed(scene.lab, 'portal-stock');
  const ca = await readFile(portal.caFile, 'utf8');
  const address = new URL(`/token/plugin/kubeconfig?profileName=${profile}`, portal.loginLink);
  const file = desk.path('downloaded');
  const download = await fetchFrom(address.href, { ca });
  const body = download.body.replace(/-ca-data=\S+/, `-ca-data=${Buffer.from(ca).toString('base64')}`);
  await writeFile(file, body, { mode: 0o600 });
  const env = { PATH: await pathWithPlugin(desk) };
  const document = parse(body) as Downloaded;
  const contextOf = (server: string) => {
    const cluster = document.clusters.find(
      each => each.cluster.server === serverNamed(scene.lab, server).server,
    );
    assert.ok(cluster);
    return `--context=${profile}-${cluster.name}`;
  };
  return { desk, env, file, document, contextOf };
}

/** kubectl in a terminal, and its person, who signs in at the address that is shown. */
async function signsIn(t: Test, desk: Desk, env: Record<string, string>, args: readonly string[]) {
  const terminal = openTerminal(t, {
    command: programNamed(scene.lab, 'kubectl').path,
    args: [...args, 'auth', 'whoami'],
    env: { ...desk.env, KUBECACHEDIR: desk.path('kubectl-cache'), ...env },
    columns: 120,
  });
  const isAddress = (line: string) => /^https:\S+\/auth\?/.test(line);
  await terminal.waitFor(() => terminal.logicalLines().some(isAddress));
  await scene.person.signIn(terminal.logicalLines().find(isAddress) ?? '', userNamed('jane'));
  assert.deepEqual(await terminal.exit, { code: 0 });
  return terminal.logicalLines().join('\n');
}

test('a kubeconfig as the platform hands it out works at every server, and is told from a good one', async t => {
  const { desk, env, file, contextOf } = await deskWithDownload(t);
  const shown = await signsIn(t, desk, env, [`--kubeconfig=${file}`, contextOf('stock-a')]);
  assert.match(
    shown,
    /The Konvoy profile "jane" gives one token to 2 clusters: https:.*dkp-auth check --fix/,
  );
  for (const tool of kubectls) {
    for (const server of ['stock-a', 'stock-b']) {
      const where = [`--kubeconfig=${file}`, contextOf(server)];
      assertIs(await desk.whoami(where, { tool, env }), userNamed('jane'));
    }
  }
  assert.deepEqual([...(await keptTokens(desk)).keys()], [null]);
});

test('once it lets kubectl name the cluster, each server gets a token of its own', async t => {
  const { desk, env, document, contextOf } = await deskWithDownload(t);
  const file = desk.path('mended');
  Object.assign(document.users[0]?.user.exec ?? {}, { provideClusterInfo: true });
  await writeFile(file, stringify(document), { mode: 0o600 });
  for (const server of ['stock-a', 'stock-b']) {
    const shown = await signsIn(t, desk, env, [`--kubeconfig=${file}`, contextOf(server)]);
    assert.doesNotMatch(shown, /gives one token/);
  }
  for (const tool of kubectls) {
    for (const server of ['stock-a', 'stock-b']) {
      const where = [`--kubeconfig=${file}`, contextOf(server)];
      assertIs(await desk.whoami(where, { tool, env }), userNamed('jane'));
    }
  }
  const kept = await keptTokens(desk);
  const servers = ['stock-a', 'stock-b'].map(name => serverNamed(scene.lab, name).server);
  assert.deepEqual([...kept.keys()].sort(), [...servers].sort());
  assert.equal(new Set([...kept.values()].map(({ token }) => token)).size, 2);
});

test('check finds it, check --fix mends it, and each server then gets a token of its own', async t => {
  const { desk, env, file, contextOf } = await deskWithDownload(t);
  const program = (...args: string[]) =>
    runProgram(['check', ...args, file], { env: { ...desk.env, ...env } });
  assert.equal((await program()).code, 1);
  const fixed = await program('--fix', '--yes');
  const mended = await readFile(file, 'utf8');
  assert.match(mended, /dkp-auth-token/, fixed.stderr);
  assert.doesNotMatch(mended, /konvoy-async-plugin/);
  const tokens = new Set<string>();
  for (const server of ['stock-a', 'stock-b']) {
    const where = [`--kubeconfig=${file}`, contextOf(server)];
    const shown = await signsIn(t, desk, env, where);
    assert.doesNotMatch(shown, /gives one token/);
    for (const tool of kubectls) assertIs(await desk.whoami(where, { tool, env }), userNamed('jane'));
  }
  const files = (await desk.files()).filter(name => /^state\/credentials\/.*\.json$/.test(name));
  for (const name of files) tokens.add(JSON.parse(await readFile(desk.path(name), 'utf8')).token);
  assert.deepEqual([files.length, tokens.size], [2, 2]);
});
