import type { Demo, DemoOptions } from '../../source/demo/index.ts';
import type { Home } from './home.ts';
import { type Ended, startProgram } from './program.ts';

/** One cluster and one identity provider: a portal that answers fast. */
export const smallestPortal: DemoOptions = {
  only: { clusters: ['kubernetes-cluster'], identityProviders: ['corporate'] },
};

/** `login` at the demo's portal, its certificate authority trusted, without a browser. */
export function loginArguments({ document }: Demo, ...more: string[]): string[] {
  return ['login', document.loginLinks.global, '--ca-file', document.caFile, '--no-browser', ...more];
}

/** Every question answered for the management cluster: one kubeconfig, the profile `prod`. */
export function answeredLogin(demo: Demo, ...more: string[]): string[] {
  const answers = [
    '--idp',
    'corporate',
    '--cluster',
    'kubernetes-cluster',
    '--method',
    '1',
    '--profile',
    'prod',
  ];
  return loginArguments(demo, ...answers, ...more);
}

export type LoginRun = { readonly home: Pick<Home, 'env'>; readonly user?: string; readonly logins?: number };

/** Runs a login whose person signs in at every address it shows. */
export async function logIn(demo: Demo, args: readonly string[], run: LoginRun): Promise<Ended> {
  const { home, user = 'ada', logins = 1 } = run;
  const program = startProgram(args, { env: home.env });
  for (let which = 1; which <= logins; which += 1) {
    await demo.signIn(await program.address(which), demo.user(user));
  }
  return program.ended;
}
