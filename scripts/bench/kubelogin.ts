import { mkdir, symlink } from 'node:fs/promises';
import path from 'node:path';
import { execa } from 'execa';
import type { Demo } from '../../source/demo/index.ts';
import type { Command } from './batch.ts';
import { labProgram } from './programs.ts';

/**
 * kubelogin, signed in at the embedded platform's issuer as a person does it: its cache is warm, so what is measured
 * afterwards is what it does with a good token.
 * @returns undefined where kubelogin cannot be built
 */
export async function warmKubelogin(
  demo: Demo,
  folder: string,
  env: Readonly<Record<string, string>>,
): Promise<Command | undefined> {
  const program = await labProgram('kubelogin');
  if (program === undefined) return undefined;
  const { issuer, caFile, clients } = demo.document;
  const command: Command = [
    program,
    'get-token',
    `--oidc-issuer-url=${issuer}`,
    `--oidc-client-id=${clients.public}`,
    `--oidc-extra-scope=audience:server:client_id:${clients.portal}`,
    ...['email', 'groups', 'profile'].map(scope => `--oidc-extra-scope=${scope}`),
    `--certificate-authority=${caFile}`,
    `--token-cache-dir=${folder}`,
    '--skip-open-browser',
    '--listen-address=127.0.0.1:0',
  ];
  const [file, ...args] = command;
  const login = execa(file, args, { env, extendEnv: false, timeout: 60_000, stdin: 'ignore' });
  let said = '';
  login.stderr.on('data', (text: Buffer) => {
    said += text;
    const address = /https?:\/\/(?:localhost|127\.0\.0\.1):\d+\S*/.exec(said)?.[0];
    if (address === undefined) return;
    login.stderr.removeAllListeners('data');
    // It is silent until somebody comes.
    void demo.signIn(address, demo.user('ada')).catch(() => login.kill());
  });
  await login;
  return command;
}

/**
 * The same call as kubelogin's documentation has kubeconfigs make it: through kubectl, which looks for its plugin on the
 * PATH and becomes it.
 * @returns undefined where there is no kubectl
 */
export async function throughKubectl(
  [program, ...args]: Command,
  folder: string,
  env: Readonly<Record<string, string>>,
): Promise<{ readonly command: Command; readonly env: Readonly<Record<string, string>> } | undefined> {
  const kubectl = await labProgram('kubectl');
  if (kubectl === undefined) return undefined;
  await mkdir(folder);
  await symlink(program, path.join(folder, 'kubectl-oidc_login'));
  return {
    command: [kubectl, 'oidc-login', ...args],
    env: { ...env, PATH: [folder, env['PATH']].join(path.delimiter) },
  };
}
