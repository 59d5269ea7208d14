import assert from 'node:assert/strict';
import { type Home, temporaryHome } from '../helpers/home.ts';
import { type Ended, startProgram } from '../helpers/program.ts';
import { openTerminal, type Terminal } from '../terminal/harness/terminal.ts';
import type { LabDocument, LabPortal } from './document.ts';
import { type KubectlResult, kubectl, programNamed } from './harness.ts';
import type { Person } from './person.ts';
import type { LabUser } from './world.ts';

type Identity = { readonly username: string; readonly groups: readonly string[] };

/** A machine with nothing on it but our program and kubectl, and the lab within reach. */
export type Desk = Home & {
  /** `dkp-auth login` by flags; the person signs in at each address that it shows, as often as told. */
  login(portal: LabPortal, flags: readonly string[], who: SignsIn): Promise<Ended>;
  kubectl(args: readonly string[], options?: Parameters<typeof kubectl>[2]): Promise<KubectlResult>;
  /** kubectl with a person in front of it, whom its plugin can ask to sign in. */
  kubectlInTerminal(args: readonly string[]): Terminal;
  /** Who the API server of a kubeconfig says we are. */
  whoami(kubeconfig: readonly string[], options?: Parameters<typeof kubectl>[2]): Promise<Identity>;
  /** The answer of `kubectl auth can-i`. */
  mayI(kubeconfig: readonly string[], ...question: readonly string[]): Promise<string>;
};

export type SignsIn = {
  readonly person: Person;
  readonly user: LabUser;
  readonly times?: number;
  readonly env?: Readonly<Record<string, string>>;
};

export type Test = { after(run: () => void | Promise<void>): void };

export async function deskAt(test: Test, lab: LabDocument): Promise<Desk> {
  const home = await temporaryHome(test);
  const ask: Desk['kubectl'] = (args, options = {}) =>
    kubectl(lab, args, { ...options, env: { ...home.env, KUBECONFIG: '/dev/null', ...options.env } });
  return {
    ...home,
    kubectl: ask,
    kubectlInTerminal: args =>
      openTerminal(test, {
        command: programNamed(lab, 'kubectl').path,
        args,
        env: { ...home.env, KUBECACHEDIR: home.path('kubectl-cache') },
        columns: 100,
      }),
    async login(portal, flags, { person, user, times = 1, env = {} }) {
      const args = ['login', portal.loginLink, '--ca-file', portal.caFile, ...flags];
      const program = startProgram(args, { env: { ...home.env, ...env } });
      for (let which = 1; which <= times; which += 1) {
        await person.signIn(await program.address(which), user);
      }
      return program.ended;
    },
    async whoami(kubeconfig, options) {
      const result = await ask([...kubeconfig, 'auth', 'whoami', '--output=json'], options);
      assert.equal(result.code, 0, result.stderr);
      const review = JSON.parse(result.stdout) as { status: { userInfo: Identity } };
      return { ...review.status.userInfo, groups: [...review.status.userInfo.groups].sort() };
    },
    async mayI(kubeconfig, ...question) {
      return (await ask([...kubeconfig, 'auth', 'can-i', ...question])).stdout.trim();
    },
  };
}

/** Where Method 2 and the token method write, and Method 1 below the portal's name. */
export const kubeconfigOf = (desk: Desk, profile: string) =>
  `--kubeconfig=${desk.path('kube', `${profile}.yaml`)}`;

/** A user as an API server of the lab sees them. */
export const identityOf = (user: LabUser): Identity => ({
  username: user.email,
  groups: [...user.groups.map(group => `oidc:${group}`), 'system:authenticated'].sort(),
});

export function assertIs(identity: Identity, user: LabUser): void {
  const { username, groups } = identity;
  assert.deepEqual({ username, groups }, identityOf(user));
}

/** A login that went through; its result as the program printed it. */
export function assertDone(ended: Ended): Ended {
  assert.equal(ended.code, 0, ended.stderr);
  return ended;
}
