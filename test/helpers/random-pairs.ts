import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import fs from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { describe, it, type TestContext } from 'node:test';
import { normalizeServerUrl } from '../../source/portal/server-url.ts';
import type { Profile } from '../../source/profiles/profile.ts';
import { cachedProfile, pluginWithoutNode, tokenOf } from './cached-profile.ts';
import { clientGoSays } from './client-go.ts';
import { temporaryHome } from './home.ts';
import { seed } from './seeded.ts';
import { type Shell, shells } from './shells.ts';

/** A generator of numbers below a limit, the same for the same seed (xorshift). */
function generator(seed: number): (limit: number) => number {
  let state = seed | 1;
  return limit => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % limit;
  };
}

// Names and servers that are parts, cases and patterns of one another.
const hosts = [
  'api.example.com',
  'api.example.co',
  'xapi.example.com',
  'api-example.com',
  '10.0.0.1',
  '10.0.0.11',
];
const ports = ['', ':6443', ':6444', ':644', ':64430'];
const paths = [
  '',
  '/a',
  '/a/b',
  '/a&b',
  "/it's",
  '/*',
  '/[a-z]',
  '/a*b',
  '/$(x)',
  '/{a}',
  '/k8s/clusters/c-1',
];

// One shell for all of them. The script ends its subshell; what only costs a process each time is done by functions.
const batch = `
date() { echo "$NOW"; }
find() { printf '%s\\n' "$2"; }
while IFS= read -r name && IFS= read -r KUBERNETES_EXEC_INFO; do
  export KUBERNETES_EXEC_INFO
  answer=$(set -- --profile "$name"; . "$PLUGIN") 2>/dev/null
  printf '%s\\n' "\${answer:--}"
done`;

async function tryPairs(t: TestContext, shell: Shell, pairs: number): Promise<void> {
  t.diagnostic(`DKP_AUTH_SEED=${seed}`);
  const random = generator(seed);
  const pick = <T>(list: readonly T[]): T => list[random(list.length)] as T;
  const home = await temporaryHome(t);
  const plugin = await pluginWithoutNode(home);
  await fs.rm(home.paths.node);
  const profiles: Profile[] = [];
  for (let number = 0; number < 60; number++) {
    const server = normalizeServerUrl(`https://${pick(hosts)}${pick(ports)}${pick(paths)}`);
    assert.ok(server !== undefined);
    const name = pick(['prod', 'prod.a', 'a', 'prod-a', 'x']) + number;
    profiles.push(await cachedProfile(home, name, server));
  }
  // A folder that takes no word of who was served: all of these have one parent.
  await fs.rm(home.paths.callers, { recursive: true });

  const calls = Array.from({ length: pairs }, () => {
    const asked = pick(profiles);
    const meant = random(3) === 0 ? asked : pick(profiles);
    const version = pick(['v1', 'v1beta1'] as const);
    const info = clientGoSays(meant, { version, interactive: random(2) === 0 }).trimEnd();
    return { asked, meant, version, info };
  });
  const [program, ...flags] = shell.command;
  const env = { ...home.env, PATH: '/nonexistent', PLUGIN: plugin, NOW: `${Math.floor(Date.now() / 1000)}` };
  const child = spawn(program, [...flags, '-c', batch], { env, stdio: ['pipe', 'pipe', 'ignore'] });
  child.stdin.end(calls.map(({ asked, info }) => `${asked.name}\n${info}\n`).join(''));
  const answers = (await text(child.stdout)).trimEnd().split('\n');

  assert.equal(answers.length, pairs);
  let served = 0;
  for (const [index, { asked, meant, version }] of calls.entries()) {
    const answer = answers[index] ?? '';
    if (asked.cluster.server !== meant.cluster.server) {
      assert.equal(
        answer,
        '-',
        `pair ${index}: ${asked.name} at ${meant.cluster.server}, DKP_AUTH_SEED=${seed}`,
      );
      continue;
    }
    served++;
    const { apiVersion, status } = JSON.parse(answer);
    assert.equal(apiVersion, `client.authentication.k8s.io/${version}`);
    assert.equal(status.token, tokenOf(asked.name), `pair ${index}, DKP_AUTH_SEED=${seed}`);
  }
  assert.ok(served > pairs / 4);
}

/** Random pairs of profile and server, shared out among the shells of this machine. */
export function pairsInEveryShell(all: number): void {
  const pairs = Math.ceil(all / Math.max(1, shells.length));
  describe('of random pairs of profile and server', { concurrency: 2 }, () => {
    for (const shell of shells) {
      it(`no one of ${pairs} gets a wrong token in ${shell.name}`, t => tryPairs(t, shell, pairs));
    }
  });
}
