import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import fs from 'node:fs/promises';
import { describe, it } from 'node:test';
import type { Demo } from '../../source/demo/index.ts';
import { demoForTests, originOf } from '../demo/helpers.ts';
import { type Home, temporaryFolder, temporaryHome } from '../helpers/home.ts';
import { assertNoToken, assertRefused, contentsOf } from '../helpers/plain-output.ts';
import { loginArguments } from '../helpers/portal-login.ts';
import { runProgram, startProgram } from '../helpers/program.ts';

type TestContext = Parameters<typeof temporaryFolder>[0];

/** A browser that writes down its own arguments and environment, and its parent's where the system tells. */
async function nosyBrowser(test: TestContext): Promise<{ command: string; seen(): Promise<string[]> }> {
  const folder = await temporaryFolder(test);
  const script = [
    '#!/bin/sh',
    `part='${folder}/part-'$$`,
    '{ printf "%s\\n" "$@"; env; } >"$part"',
    'for of in cmdline environ; do',
    '  [ ! -r "/proc/$PPID/$of" ] || tr "\\0" "\\n" <"/proc/$PPID/$of" >>"$part"',
    'done',
    `mv "$part" '${folder}/seen-'$$`,
  ];
  const command = `${folder}/browser`;
  await fs.writeFile(command, `${script.join('\n')}\n`, { mode: 0o755 });
  return {
    command,
    async seen() {
      const files = (await fs.readdir(folder)).filter(file => file.startsWith('seen-'));
      return Promise.all(files.map(file => fs.readFile(`${folder}/${file}`, 'utf8')));
    },
  };
}

const requestCodes = (demo: Demo) =>
  demo
    .requestsTo('portal', '/token/async')
    .filter(({ method }) => method === 'POST')
    .map(({ body }) => JSON.parse(body).requestCode as string);

async function storedTokens(home: Home): Promise<string[]> {
  const files = (await home.files()).filter(file => file.startsWith('state/credentials/'));
  return Promise.all(files.map(async file => JSON.parse(await fs.readFile(home.path(file), 'utf8')).token));
}

describe('secrets', async () => {
  const demo = await demoForTests({
    only: { clusters: ['kubernetes-cluster', 'red-lab'], identityProviders: ['corporate'] },
  });

  it("are in nobody's arguments or environment: neither the program's nor its browser's", async test => {
    const home = await temporaryHome(test);
    const browser = await nosyBrowser(test);
    const answers = ['--idp', 'corporate', '--all-clusters', '--method', '1', '--yes', '--sign-in-now'];
    const args = loginArguments(demo, ...answers, '--browser-command', browser.command);
    const program = startProgram(
      args.filter(arg => arg !== '--no-browser'),
      { env: home.env },
    );
    for (const which of [1, 2]) {
      await demo.signIn(await program.address(which), demo.user('ada'));
    }
    const { code, stdout, stderr } = await program.ended;
    assert.equal(code, 0, stderr);
    const secrets = [...requestCodes(demo), ...(await storedTokens(home))];
    assert.ok(secrets.length >= 4);
    const seen = await browser.seen();
    assert.equal(seen.length, 2);
    for (const text of [stdout, stderr, ...seen]) {
      assertNoToken(text);
      for (const secret of secrets) assert.ok(!text.includes(secret));
    }
    assert.match(seen[0] ?? '', /^https:\/\/127\.0\.0\.1:\d+\/dex\/auth\?/);
    if (existsSync('/proc/self/cmdline')) assert.match(seen[0] ?? '', /--sign-in-now\n/);
  });

  it('a pasted token is repeated nowhere, whatever is wrong with it', async test => {
    const home = await temporaryHome(test);
    const { token = '' } = await demo.signIn(
      `${originOf(demo)}/token/login/kubernetes-cluster`,
      demo.user('ada'),
    );
    const [header, payload, signature] = token.split('.');
    const answers = ['--cluster', 'red-lab', '--method', '1', '--profile', 'lab', '--sign-in', 'page'];
    const wrong = [
      `${header}.${payload}.${signature?.slice(0, -8)}AAAAAAAA`,
      `${header}.${payload}`,
      `${token} ${demo.mint({ sub: 'other' })}`,
      demo.mint({ iss: 'https://evil.example/dex', sub: 'ada' }, 'other-key'),
    ];
    for (const input of wrong) {
      const ended = await runProgram(loginArguments(demo, ...answers), { env: home.env, input });
      assertRefused(ended, { exit: 1, message: /token/ });
      for (const part of input.split(/[.\s]/)) assert.ok(!ended.stderr.includes(part), part);
      assert.deepEqual(await contentsOf(home), {});
    }
  });

  it('are not repeated when they were given in the wrong place', async test => {
    const home = await temporaryHome(test);
    const token = demo.mint({ sub: 'ada', iss: demo.document.issuer });
    for (const args of [
      ['login', '--profile', token],
      ['token', '--profile', token],
      ['login', `--${token}`],
    ]) {
      const ended = await runProgram(args, { env: home.env });
      assert.equal(ended.code, 2, ended.stderr);
      assertNoToken(ended.stdout, ended.stderr);
    }
  });

  it('of a kubeconfig that cannot be read are not in the message about it', async test => {
    const home = await temporaryHome(test);
    const canary = 'c2VjcmV0LWNhbmFyeQ';
    const broken = [
      `users:\n- name: x\n  user:\n    token: ${canary}: oops\n`,
      `users:\n- name: x\n  user: {token: "${canary}\n`,
      `users:\n- name: x\n  user:\n    client-key-data: ${canary}\n   password: y\n`,
      `users: [{name: x, user: {token: ${canary}}]\n`,
      `users:\n- name: x\n  user:\n    token: *${canary}\n`,
      `users:\n- name: x\n\tuser: ${canary}\n`,
      `- ${canary}\n`,
    ];
    const file = home.path('config.yaml');
    const answers = ['--cluster', 'red-lab', '--method', '1', '--profile', 'lab', '--sign-in-later'];
    for (const content of broken) {
      await fs.writeFile(file, content);
      const ended = await runProgram(loginArguments(demo, ...answers, '--output', file), { env: home.env });
      assertRefused(ended, { exit: 1, message: /config\.yaml/, hint: /left as it is/ });
      assert.ok(!ended.stderr.includes(canary), ended.stderr);
      assert.deepEqual(await contentsOf(home), { 'config.yaml': content });
    }
  });

  it('are sent to nobody who only says to be trusted: no variable turns the check of certificates off', async test => {
    const home = await temporaryHome(test);
    const other = await temporaryFolder(test);
    await fs.writeFile(`${other}/ca.pem`, demo.cluster('red-lab').ca);
    const args = loginArguments(demo, '--all-clusters', '--yes', '--method', '1');
    const trusted = args.map(arg => (arg === demo.document.caFile ? `${other}/ca.pem` : arg));
    const before = demo.requests.length;
    const ended = await runProgram(trusted, { env: { ...home.env, NODE_TLS_REJECT_UNAUTHORIZED: '0' } });
    assert.equal(ended.code, 1, ended.stderr);
    assert.match(ended.stderr, /^dkp-auth: The certificate of 127\.0\.0\.1:\d+ is not one to trust here/m);
    assert.equal(demo.requests.length, before);
    assert.deepEqual(await contentsOf(home), {});
  });
});
