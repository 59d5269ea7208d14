import assert from 'node:assert/strict';
import fs from 'node:fs/promises';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { execa } from 'execa';
import { demoForTests } from '../demo/helpers.ts';
import { temporaryHome } from '../helpers/home.ts';
import { kubectl } from '../helpers/kubectl.ts';
import { loginArguments } from '../helpers/portal-login.ts';
import { cli, runProgram } from '../helpers/program.ts';

const profiles = ['red-lab', 'blue-prod'];

/** Shells from Debian, each without the person's own settings. */
const shells = {
  bash: ['--norc', '--noprofile'],
  dash: [],
  zsh: ['-f'],
  fish: ['--no-config'],
} as const;
type ShellName = keyof typeof shells;

const evaluations: Record<ShellName, readonly ((use: string) => string)[]> = {
  bash: [use => `eval "$(${use})"`],
  dash: [use => `eval "$(${use})"`],
  zsh: [use => `eval "$(${use})"`],
  fish: [use => `${use} | source`, use => `eval (${use})`],
};

describe('dkp-auth use in a shell', async () => {
  const demo = await demoForTests({ only: { clusters: profiles, identityProviders: ['corporate'] } });
  const home = await temporaryHome({ after });
  const folder = home.path('it\'s "$HOME" `id` $(id) \\n;&|*\n\té\u2019!');
  const env = {
    ...home.env,
    DKP_AUTH_KUBECONFIG_DIR: folder,
    PATH: [home.path('bin'), home.env['PATH']].join(':'),
  };
  const named = profiles.flatMap(name => ['--cluster', name, '--profile', `${name}=${name}`]);
  const shared = home.path('shared.yaml');

  before(async () => {
    await fs.mkdir(home.path('bin'));
    await fs.symlink(cli, home.path('bin', 'dkp-auth'));
    await fs.symlink(kubectl, home.path('bin', 'kubectl'));
    for (const answers of [['2'], ['1', '--output', shared]]) {
      const login = loginArguments(demo, ...named, '--yes', '--sign-in-later', '--method', ...answers);
      const { code, stderr } = await runProgram(login, { env });
      assert.equal(code, 0, stderr);
    }
  });

  /** Runs lines in a shell; what they printed, without the last line end. */
  async function run(shell: ShellName, lines: readonly string[], more: Record<string, string> = {}) {
    const options = { env: { ...env, ...more }, extendEnv: false, cwd: '/', timeout: 30_000 };
    return (await execa(shell, [...shells[shell], '-c', lines.join('\n')], options)).stdout;
  }

  for (const shell of Object.keys(shells) as ShellName[]) {
    for (const evaluation of evaluations[shell]) {
      it(`sets KUBECONFIG to a path full of traps: ${evaluation(`${shell}: dkp-auth use`)}`, async () => {
        for (const profile of profiles) {
          // The shell is found out, though SHELL says another.
          const shown = await run(
            shell,
            [
              evaluation(`dkp-auth use ${profile}`),
              'kubectl config current-context',
              `printf '%s' "$KUBECONFIG"`,
            ],
            { SHELL: shell === 'fish' ? '/bin/bash' : '/usr/bin/fish' },
          );
          assert.equal(shown, `${profile}\n${path.join(folder, `${profile}.yaml`)}`);
        }
      });
    }
  }

  it('switches the context of a file that is in play, and nothing in the environment', async () => {
    await fs.rm(folder, { recursive: true });
    const lines = [
      'eval "$(dkp-auth use blue-prod)"',
      'kubectl config current-context',
      'eval "$(dkp-auth use red-lab)"',
      'kubectl config current-context',
      `printf '%s' "$KUBECONFIG"`,
    ];
    const KUBECONFIG = `${home.path('first')}:${shared}`;
    assert.equal(await run('bash', lines, { KUBECONFIG }), `blue-prod\nred-lab\n${KUBECONFIG}`);
    await fs.writeFile(home.path('first'), '# first\nkind: Config\n', { mode: 0o600 });
    assert.equal(await run('bash', lines, { KUBECONFIG }), `blue-prod\nred-lab\n${KUBECONFIG}`);
    assert.match(
      await fs.readFile(home.path('first'), 'utf8'),
      /^# first\nkind: Config\ncurrent-context: red-lab$/m,
    );
  });
});
