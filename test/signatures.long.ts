import assert from 'node:assert/strict';
import path from 'node:path';
import { describe, it } from 'node:test';
import { execa } from 'execa';

type Verdict = { readonly invalid: readonly string[]; readonly missing: readonly string[] };
type Said = { readonly stdout: string; readonly stderr: string };

const root = path.join(import.meta.dirname, '..');

/**
 * What `npm audit signatures --json` found; a reason where it could not look: no registry within reach, or one that
 * publishes no keys.
 */
function verdictOf({ stdout, stderr }: Said): Verdict | string {
  try {
    const { invalid, missing, error } = JSON.parse(stdout);
    if (Array.isArray(invalid) && Array.isArray(missing)) {
      const names = (list: readonly { name: string; version: string }[]) =>
        list.map(({ name, version }) => `${name}@${version}`);
      return { invalid: names(invalid), missing: names(missing) };
    }
    if (typeof error?.summary === 'string') return reasonIn(error.summary);
  } catch {}
  return reasonIn(stderr);
}

const unreachable =
  /\b(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ERR_SOCKET_TIMEOUT|E40[134]|E5\d\d)\b|network/;
const noKeys = /(no dependencies to audit that were installed from a supported registry|fetch.*keys|TUF)/i;

function reasonIn(text: string): string {
  const [line = ''] = text.split('\n').filter(each => unreachable.test(each) || noKeys.test(each));
  assert.notEqual(line, '', `npm said something else:\n${text}`);
  return line.replace(/https?:\/\/\S+/g, 'the registry').slice(0, 200);
}

describe('the signatures of what is installed', () => {
  it('are the registry’s, wherever it can be asked', { timeout: 240_000 }, async t => {
    const args = ['audit', 'signatures', '--json', '--fetch-retries=1', '--fetch-timeout=60000'];
    const said = await execa('npm', args, { cwd: root, reject: false, stdin: 'ignore' });
    const verdict = verdictOf(said);
    if (typeof verdict === 'string') {
      t.diagnostic(`not looked at: ${verdict}`);
      t.skip(`the registry does not tell: ${verdict}`);
      return;
    }
    assert.deepEqual(verdict, { invalid: [], missing: [] });
  });

  it('are told apart from a registry that does not answer', () => {
    const bad = { name: 'evil', version: '1.0.0' };
    const stdout = JSON.stringify({ invalid: [bad], missing: [] });
    assert.deepEqual(verdictOf({ stdout, stderr: '' }), { invalid: ['evil@1.0.0'], missing: [] });
    const stderr = 'npm error code ENOTFOUND\nnpm error network request failed';
    assert.match(String(verdictOf({ stdout: '', stderr })), /ENOTFOUND/);
    assert.throws(() => verdictOf({ stdout: '', stderr: 'npm error Invalid signature' }), /something else/);
  });
});
