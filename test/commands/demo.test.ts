import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { type TestContext, test } from 'node:test';
import { execa } from 'execa';
import { Agent, request } from 'undici';
import { portOf } from '../../source/commands/demo.ts';
import type { DemoDocument } from '../../source/demo/index.ts';
import { UserError } from '../../source/errors.ts';

const cli = path.join(import.meta.dirname, '..', '..', 'dist', 'cli.js');

/** Starts `demo --serve --json` and waits for its document. */
async function serve(t: TestContext, args: string[] = []) {
  const server = spawn(process.execPath, [cli, 'demo', '--serve', '--json', ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  t.after(() => server.kill('SIGKILL'));
  const exit = once(server, 'exit') as Promise<[number | null]>;
  const early = exit.then(([code]) => assert.fail(`the demo ended with ${code}`));
  const [line] = await Promise.race([
    once(createInterface(server.stdout), 'line') as Promise<[string]>,
    early,
  ]);
  early.catch(() => undefined);
  const stop = async () => {
    server.kill('SIGTERM');
    const [code] = await exit;
    return code;
  };
  return { stop, document: JSON.parse(line) as DemoDocument };
}

test('demo --serve --json prints one document that is enough to use the platform', async t => {
  const { document } = await serve(t);
  assert.deepEqual(Object.keys(document.loginLinks.workspaces), ['team-red', 'team-blue']);
  assert.equal(document.clusters.length, 5);
  for (const user of document.users) assert.ok(user.login && user.password && user.identityProvider);
  for (const cluster of document.clusters) assert.ok(cluster.server && cluster.ca && cluster.audience);
  const dispatcher = new Agent({ connect: { ca: document.ca } });
  t.after(() => dispatcher.destroy());
  const landing = await request(document.loginLinks.global, { dispatcher });
  assert.equal(landing.statusCode, 200);
});

test('its issuer works in the built program as it does from source: codes and tokens have their lifetimes', async t => {
  const { document } = await serve(t);
  const dispatcher = new Agent({ connect: { ca: document.ca } });
  t.after(() => dispatcher.destroy());
  const answer = await request(`${document.issuer}/device/code`, {
    dispatcher,
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: 'client_id=dkp-auth&scope=openid',
  });
  const code = (await answer.body.json()) as { expires_in?: number; user_code?: string };
  assert.equal(answer.statusCode, 200);
  assert.ok(Number(code.expires_in) >= 60, JSON.stringify(code));
});

test('--port fixes the port', async t => {
  const first = await serve(t);
  const { port } = first.document;
  await first.stop();
  const second = await serve(t, ['--port', String(port)]);
  assert.equal(second.document.port, port);
  const third = await execa(process.execPath, [cli, 'demo', '--serve', '--port', String(port)], {
    reject: false,
    stdin: 'ignore',
    timeout: 10_000,
  });
  assert.equal(third.exitCode, 1);
  assert.match(third.stderr, new RegExp(`${port}`));
});

test('a port that is none is wrong usage', () => {
  for (const text of ['0', '65536', 'x', '1.5', '']) {
    assert.throws(
      () => portOf(text),
      (error: unknown) => error instanceof UserError && error.code === 'USAGE',
    );
  }
  assert.equal(portOf('8443'), 8443);
});

test('SIGTERM stops it within a second, open connections or not', async t => {
  const { stop, document } = await serve(t);
  const dispatcher = new Agent({ connect: { ca: document.ca }, keepAliveTimeout: 60_000 });
  t.after(() => dispatcher.destroy());
  const answer = await request(document.loginLinks.global, { dispatcher });
  await answer.body.dump();
  const before = Date.now();
  const exitCode = await stop();
  assert.ok(Date.now() - before < 1000, `took ${Date.now() - before} ms`);
  assert.equal(exitCode, 143);
});

test('demo --auto plays the whole way and shows a refusal', async () => {
  const result = await execa(process.execPath, [cli, 'demo', '--auto'], {
    reject: false,
    stdin: 'ignore',
    timeout: 60_000,
  });
  assert.equal(result.exitCode, 0, result.stderr);
  for (const step of [1, 2, 3, 4, 5, 6]) assert.match(result.stdout, new RegExp(`^${step}\\. `, 'm'));
  assert.match(result.stdout, /coredns/);
  assert.match(result.stdout, /refuses \(exit 4\)/);
  assert.doesNotMatch(result.stdout + result.stderr, /eyJ[\w-]+\.[\w-]+\.[\w-]+/);
});
