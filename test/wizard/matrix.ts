import type { UserError } from '../../source/errors.ts';
import { UserError as Failure } from '../../source/errors.ts';
import type { Plan } from '../../source/login/plan.ts';
import { type Step, steps } from '../../source/wizard/steps/order.ts';
import { sampleProfile } from '../helpers/profiles.ts';
import {
  globalLink,
  issuerAnswers,
  sampleCluster,
  sampleCode,
  samplePlan,
  sampleToken,
  startWalk,
  unknownAuthority,
  type Walk,
  type World,
  walkTo,
} from '../helpers/wizard.ts';

/** Names as platforms have them: long ones, wide ones, many. */
export const longNames: Partial<World> = {
  trust: unknownAuthority,
  clusters: [
    'production-europe-frankfurt-number-one',
    'beta',
    '東京都のクラスター',
    'e\u0301cole',
    ...Array.from({ length: 26 }, (_, index) => `team-${index}`),
  ].map((name, index) =>
    sampleCluster(name, {
      server: `https://a1b2c3d4e5f6.${index}.elb.amazonaws.example.com:6443/dkp/api-server`,
      ...(index % 2 === 0 && { workspace: 'team-red' }),
    }),
  ),
  providers: [
    {
      id: 'corporate-directory-of-the-whole-organization',
      name: 'Corporate Directory of the Whole Organization',
    },
    { id: 'github', name: 'GitHub' },
  ],
  audiences: { beta: ['beta'] },
  token: sampleToken('ada', { groups: Array.from({ length: 50 }, (_, index) => `group-${index}`) }),
};

export const problem: UserError = new Failure(
  'NETWORK',
  'The portal dkp.example.com does not answer: the connection was refused.',
  { hint: 'Check the network, the proxy (HTTPS_PROXY is not set) and the address, and try again.' },
);

const address = new URL(
  `https://dkp.example.com/dex/auth?client_id=kube-apiserver&state=${'0123456789abcdef'.repeat(4)}`,
);

export const conflict: UserError = new Failure(
  'KUBECONFIG_CONFLICT',
  '~/.kube/config has a context "alpha" that dkp-auth did not write.',
  { hint: '--on-conflict rename gives ours another name, --on-conflict replace takes the place of theirs.' },
);

const mergedDiff = `--- ~/.kube/config
+++ ~/.kube/config
@@ -1,9 +1,14 @@
 apiVersion: v1
 clusters:
+- name: alpha
+  cluster:
+    server: https://a1b2c3d4e5f6.0.elb.amazonaws.example.com:6443/dkp/api-server
 - name: minikube
-current-context: minikube
+current-context: alpha
`;

/** The plan that was asked for, into a kubeconfig that is there already. */
function mergedPlan(walk: Walk): Plan {
  const asked = walk.latest('plan');
  if (asked === undefined) throw new Error('no plan was asked for');
  const plan = samplePlan(asked);
  const files = plan.files.map(file => ({
    ...file,
    path: '/home/ada/.kube/config',
    action: 'update' as const,
    diff: () => mergedDiff,
  }));
  return { ...plan, files };
}

export type Scene = { readonly name: string; readonly walk: Walk };

const at = (step: Step, silent: Parameters<typeof startWalk>[0] = {}) =>
  walkTo(startWalk({ world: longNames, ...silent }), step);

function quiet(step: Step): Parameters<typeof startWalk>[0] {
  return { silent: step === 'login' ? ['signIn'] : ['run'] };
}

/** Each step as it looks when one comes to it, after something went wrong there, explained, and in its own states. */
export function everyScene(): Scene[] {
  const plain = steps.map(step => ({ name: step, walk: at(step, quiet(step)) }));
  const wrong = steps.map(step => {
    const walk = at(step, quiet(step));
    walk.fail(problem);
    return { name: `${step}, failed`, walk };
  });
  const explained = steps
    .filter(step => step !== 'run')
    .map(step => {
      const walk = at(step, quiet(step));
      walk.type('?');
      return { name: `${step}, explained`, walk };
    });
  return [...plain, ...wrong, ...explained, ...states()];
}

function states(): Scene[] {
  const scenes: Scene[] = [];
  const scene = (name: string, walk: Walk, ...acts: ((walk: Walk) => void)[]) => {
    for (const act of acts) act(walk);
    scenes.push({ name, walk });
  };
  const login = () => at('login', { silent: ['signIn'] });
  scene('login, address shown', login(), walk =>
    walk.answer({ type: 'address', url: address, opened: true }),
  );
  scene(
    'login, trouble',
    login(),
    walk => walk.answer({ type: 'address', url: address, opened: false }),
    walk => walk.answer({ type: 'trouble', message: problem.message }),
  );
  scene('login, slow', login(), walk => walk.answer({ type: 'slow' }));
  scene('login, came back to', at('clusters'), walk => walk.press('escape'));
  scene('login by page, choosing', login(), walk => walk.type('p'));
  scene(
    'login by page, pasting',
    login(),
    walk => walk.type('p'),
    walk => walk.press('enter'),
  );
  const device = () => {
    const answers = { issuer: issuerAnswers };
    const walk = walkTo(startWalk({ answers, world: longNames, silent: ['issuerLogin'] }), 'login');
    walk.answer({ type: 'deviceCode', code: sampleCode, opened: false });
    return walk;
  };
  scene('login by code', device());
  scene('login by code, QR', device(), walk => walk.type('q'));
  scene('login, other ways', device(), walk => walk.type('w'));
  scene('connecting, slow', at('provider', { silent: ['connect'] }), walk => walk.answer({ type: 'slow' }));
  scene('clusters, filtered', at('clusters'), walk => walk.type('team-2'));
  scene('clusters, nothing found', at('clusters'), walk => walk.type('zzz'));
  scene('clusters, probed', at('clusters'), walk =>
    walk.answer({
      type: 'probed',
      answers: new Map((longNames.clusters ?? []).map(({ server }, index) => [server, index % 3 > 0])),
    }),
  );
  scene(
    'clusters, describing',
    at('clusters', { silent: ['describe'] }),
    walk => walk.press('ctrl+a', 'enter'),
    walk => walk.answer({ type: 'progress', done: 12, all: 30 }),
  );
  const owner = sampleProfile('beta', 'https://elsewhere.example.com');
  scene(
    'names, taken',
    at('names', { profiles: [owner] }),
    walk => walk.press('down', 'ctrl+u'),
    walk => walk.type('beta'),
  );
  const merging = () => at('review', { world: { clusters: [sampleCluster('alpha')] } });
  scene(
    'review, merged',
    merging(),
    walk => walk.type('m'),
    walk => walk.answer({ type: 'planned', plan: mergedPlan(walk) }),
  );
  const taken = startWalk({ world: { clusters: [sampleCluster('alpha')] }, silent: ['plan'] });
  scene('review, a name is taken', walkTo(taken, 'review'), walk => walk.fail(conflict));
  scene('trust, a file', at('trust'), walk => walk.press('down', 'down', 'enter'));
  scene('link, wrong', startWalk(), walk => walk.type('http://dkp.example.com/x'));
  const remembered = [{ loginLink: globalLink, lastUsed: 1 }];
  scene('link, remembered', startWalk({ remembered }));
  scene('leaving', startWalk(), walk => walk.press('escape'));
  return scenes;
}
