import { createHash } from 'node:crypto';
import type { IdToken } from '../../source/credentials/id-token.ts';
import { UserError } from '../../source/errors.ts';
import type { IssuerAnswers, LoginAnswers } from '../../source/login/answers.ts';
import type { Plan } from '../../source/login/plan.ts';
import type { LoginOutcome } from '../../source/login/run.ts';
import type { Target } from '../../source/login/target.ts';
import type { Cluster } from '../../source/portal/clusters.ts';
import { formatLoginLink, type LoginLink, portalName } from '../../source/portal/login-link.ts';
import { openIssuer } from '../../source/portal/open-portal.ts';
import type { DkpPortal, Trust } from '../../source/portal/portal.ts';
import type { TrustFinding } from '../../source/portal/trust.ts';
import type { Profile } from '../../source/profiles/profile.ts';
import type { DeviceCode } from '../../source/sign-in/device.ts';
import type { ClusterAudience } from '../../source/sign-in/issuer-client.ts';
import type { PendingSignIn } from '../../source/sign-in/portal.ts';
import type { CertificateSummary } from '../../source/system/certificates.ts';
import type { RememberedPortal } from '../../source/system/settings.ts';
import type { Effect, EffectEvent, WizardEvent } from '../../source/wizard/effects.ts';
import { type Reaction, reduce, start } from '../../source/wizard/flow.ts';
import { graphemes } from '../../source/wizard/parts/graphemes.ts';
import type { Key, NamedKey } from '../../source/wizard/parts/keys.ts';
import { type Answered, type Interrupted, initialState, type State } from '../../source/wizard/state.ts';
import { isAnswer } from '../../source/wizard/steps/answered.ts';
import { accountChoices } from '../../source/wizard/steps/login.ts';
import { methodChoices, timeChoices } from '../../source/wizard/steps/method.ts';
import type { Step } from '../../source/wizard/steps/order.ts';
import { rememberedList } from '../../source/wizard/steps/remembered-list.ts';
import { trustChoices } from '../../source/wizard/steps/trust.ts';
import type { Ways } from '../../source/wizard/waiting.ts';
import { issuer } from './profiles.ts';

export const globalLink = 'https://dkp.example.com/token/landing/';
export const workspaceLink = 'https://dkp.example.com/token/landing/team-red';

/** What every cluster of the made-up platform accepts, but those with an audience of their own. */
export const commonAudience = 'kube-apiserver';

export function sampleCluster(name: string, more: Partial<Cluster> = {}): Cluster {
  return {
    name,
    nameIsUnique: true,
    hostname: `${name}.example.com`,
    server: `https://${name}.example.com:6443`,
    ca: undefined,
    issuer,
    ...more,
  };
}

export function sampleToken(subject: string, more: Partial<IdToken> = {}): IdToken {
  return {
    token: `token-of-${subject}`,
    account: { issuer, subject, label: `${subject}@corp.example` },
    groups: ['employees'],
    audience: [commonAudience],
    issuedAt: 1_700_000_000,
    expiresAt: 1_700_086_400,
    ...more,
  };
}

const certificate: CertificateSummary = {
  pem: '-----BEGIN CERTIFICATE-----\nsample\n-----END CERTIFICATE-----\n',
  fingerprint: createHash('sha256').update('sample').digest('hex'),
  subject: 'CN=Sample CA',
  issuer: 'CN=Sample CA',
  validFrom: new Date('2026-01-01T00:00:00Z'),
  validTo: new Date('2027-01-01T00:00:00Z'),
  selfSigned: true,
};

export const unknownAuthority: TrustFinding = {
  kind: 'unknown',
  certificates: {
    trusted: false,
    fault: 'SELF_SIGNED_CERT_IN_CHAIN',
    server: certificate,
    authority: certificate,
  },
};
export const systemTrust: TrustFinding = { kind: 'trusted', trust: { kind: 'system' } };
export const otherAuthority: Trust = { kind: 'authority', pem: 'another certificate' };

/** What the platform answers to the wizard's effects, where a test does not answer itself. */
export type World = {
  readonly trust: TrustFinding;
  readonly clusters: readonly Cluster[];
  readonly unusable: readonly { readonly name: string; readonly hostname: string; readonly reason: string }[];
  readonly providers: readonly { readonly id: string; readonly name: string }[];
  /** Audiences by cluster name; a cluster that is not named here accepts the common one. */
  readonly audiences: Readonly<Record<string, readonly string[]>>;
  readonly token: IdToken;
  readonly ways: Ways;
  /** How each cluster's token is asked from the issuer, by its name; the others share one. */
  readonly issuerAudiences: Readonly<Record<string, ClusterAudience>>;
  /** Whether the issuer gives something to renew with. */
  readonly renewable: boolean;
};

export const sampleWorld: World = {
  trust: systemTrust,
  clusters: [sampleCluster('alpha'), sampleCluster('beta'), sampleCluster('gamma')],
  unusable: [],
  providers: [
    { id: 'corporate', name: 'Corporate Directory' },
    { id: 'github', name: 'GitHub' },
  ],
  audiences: {},
  token: sampleToken('ada'),
  ways: {
    way: 'device',
    why: 'a code can be entered in any browser, on any machine',
    others: [
      { way: 'browser', needs: 'a browser on this machine', possible: true },
      { way: 'paste', needs: '--sign-in paste', possible: true },
      { way: 'portal', needs: 'the issuer does not offer it', possible: false },
    ],
  },
  issuerAudiences: {},
  renewable: true,
};

export function samplePortal(link: LoginLink, trust: Trust): DkpPortal {
  const unused = (): never => {
    throw new Error('the reducer talks to nobody');
  };
  return {
    name: portalName(link),
    link,
    trust,
    http: { send: unused, close: unused } as unknown as DkpPortal['http'],
    httpFor: unused,
    close: unused,
  };
}

const authorizationUrl = new URL('https://dkp.example.com/dex/auth?client_id=kube-apiserver&state=1');

const pendingSignIn: PendingSignIn = {
  authorizationUrl,
  hmac: 'hmac',
  requestCode: 'code',
  startedAt: { steady: 0, clock: 0 },
  deadline: 300_000,
};

/** A plan that would write one file, as far as the wizard looks into it. */
export function samplePlan(effect: Extract<Effect, { kind: 'plan' }>): Plan {
  const { choices, method, portal } = effect.options;
  const file = (name: string, own: typeof choices) => ({
    path: `/home/ada/.kube/dkp-auth/${name}.yaml`,
    action: 'create' as const,
    isUnchanged: false,
    choices: own,
    currentContext: own[0]?.profile,
    contexts: own.map(({ profile }) => profile),
    render: () => '',
    diff: () => '',
  });
  const files =
    method === '1'
      ? [file('dkp.example.com', choices)]
      : choices.map(choice => file(choice.profile, [choice]));
  const profiles = choices.map(({ profile: name, cluster, signIn }): Profile => {
    const { server, hostname } = cluster;
    return {
      version: 1,
      name,
      cluster: { name: cluster.name, server, hostname },
      issuer: cluster.issuer,
      portal: { loginLink: portal.link === undefined ? '' : formatLoginLink(portal.link) },
      signIn,
      kubeconfigs: [],
    };
  });
  return { targets: [], files, profiles };
}

export function sampleOutcome({ options }: Extract<Effect, { kind: 'run' }>): LoginOutcome {
  return { options, plan: samplePlan({ kind: 'plan', options }), written: [], profiles: [] };
}

/** The events with which the world answers an effect. */
export function answersOf(effect: Effect, world: World): EffectEvent[] {
  switch (effect.kind) {
    case 'inspect':
      return [{ type: 'inspected', finding: world.trust }];
    case 'readCa':
      return [{ type: 'caRead', trust: otherAuthority }];
    case 'connect': {
      const { clusters, unusable, providers } = world;
      const portal = samplePortal(effect.link, effect.trust);
      const asked = effect.withProviders
        ? { providers, pending: pendingSignIn }
        : { providers: [], pending: undefined };
      return [{ type: 'connected', portal, clusters: { clusters, unusable }, ...asked }];
    }
    case 'openTarget':
      return [{ type: 'targetOpened', target: sampleTarget(world), ways: world.ways }];
    case 'askAudiences':
      return [{ type: 'audiencesKnown', audiences: issuerAudiencesOf(effect.clusters, world) }];
    case 'issuerLogin':
      return [{ type: 'loggedIn', token: world.token, renewable: world.renewable }];
    case 'signIn':
      return [
        { type: 'address', url: authorizationUrl, opened: false },
        { type: 'signedIn', token: world.token },
      ];
    case 'openPage':
      return [{ type: 'address', url: pageOf(effect.cluster), opened: false }];
    case 'checkPaste':
      return [{ type: 'signedIn', token: world.token }];
    case 'describe':
      return [{ type: 'described', audiences: audiencesOf(effect.clusters, world) }];
    case 'plan':
      return [{ type: 'planned', plan: samplePlan(effect) }];
    case 'run':
      return [{ type: 'done', outcome: sampleOutcome(effect) }];
    default:
      return [];
  }
}

export const sampleCode: DeviceCode = {
  userCode: 'ABCD-EFGH',
  verificationUri: new URL('https://dkp.example.com/dex/device'),
  verificationUriComplete: new URL('https://dkp.example.com/dex/device?user_code=ABCD-EFGH'),
  expiresAt: 4_000_000_000_000,
};

/** A login at the issuer itself, with a portal file. */
export const issuerAnswers: IssuerAnswers = {
  portalFile: '/home/ada/portal.yaml',
  scopes: [],
  audienceScope: false,
  listen: [],
  extraParameters: {},
  accessToken: false,
  credentialStore: 'file',
};

function sampleTarget({ clusters, unusable }: World): Target {
  const client = {
    issuer,
    clientId: 'dkp-auth',
    scopes: [],
    extraParameters: {},
    tokenKind: 'id-token',
  } as const;
  const settings = {
    id: 'dkp-auth',
    scopes: [],
    extraParameters: {},
    tokenKind: 'id-token',
    listen: [],
    credentialStore: 'file',
  } as const;
  return {
    portal: { ...openIssuer(issuer, { kind: 'system' }) },
    clusters: { clusters, unusable },
    issuerLogin: {
      client,
      settings: { ...settings, scopes: [], listen: [], flags: [] },
      credentials: {},
      flags: ['--portal-file', '/home/ada/portal.yaml'],
    },
    audiencesFor: async () => new Map(),
  };
}

function issuerAudiencesOf(
  clusters: readonly Cluster[],
  { issuerAudiences }: World,
): Map<Cluster, ClusterAudience> {
  return new Map(clusters.map(cluster => [cluster, issuerAudiences[cluster.name] ?? { kind: 'shared' }]));
}

export const pageOf = (cluster: Cluster) => new URL(`https://dkp.example.com/token/login/${cluster.name}`);

function audiencesOf(clusters: readonly Cluster[], { audiences }: World) {
  return new Map(clusters.map(cluster => [cluster, audiences[cluster.name] ?? [commonAudience]]));
}

export type WalkOptions = {
  readonly answers?: Partial<LoginAnswers>;
  readonly remembered?: readonly RememberedPortal[];
  readonly profiles?: readonly Profile[];
  readonly interrupted?: Interrupted;
  readonly world?: Partial<World>;
  /** Effects that the world leaves unanswered. */
  readonly silent?: readonly Effect['kind'][];
};

/** The wizard without a screen and without a network: keys and answers go in one by one. */
export type Walk = {
  readonly state: State;
  /** Every effect so far, in its order. */
  readonly effects: readonly Effect[];
  press(...keys: (NamedKey | 'space' | `ctrl+${string}`)[]): void;
  type(text: string): void;
  paste(text: string): void;
  /** Answers the effect under way. */
  answer(event: EffectEvent): void;
  fail(error?: UserError): void;
  /** An answer that comes too late, or whenever. */
  dispatch(event: WizardEvent): void;
  /** The latest effect of a kind. */
  latest<Kind extends Effect['kind']>(kind: Kind): Extract<Effect, { kind: Kind }> | undefined;
};

const noAnswers: LoginAnswers = { profiles: { byCluster: new Map() } };

export function startWalk(options: WalkOptions = {}): Walk {
  const world = { ...sampleWorld, ...options.world };
  const silent = new Set<Effect['kind']>(options.silent);
  const { remembered = [], profiles = [], answers = {}, interrupted } = options;
  const effects: Effect[] = [];
  const initial = initialState({
    answers: { ...noAnswers, ...answers },
    remembered,
    profiles,
    linkList: rememberedList(remembered, interrupted),
    interrupted,
    trustList: trustChoices,
    accountList: accountChoices,
    methodList: methodChoices,
    timeList: timeChoices,
  });
  let state = initial;

  function apply(reaction: Reaction): void {
    state = reaction.state;
    const { turn } = state;
    effects.push(...reaction.effects);
    for (const effect of reaction.effects) {
      if (silent.has(effect.kind)) continue;
      for (const event of answersOf(effect, world)) dispatch({ ...event, turn });
    }
  }
  const dispatch = (event: WizardEvent) => apply(reduce(state, event));
  const pressKey = (key: Key) => dispatch({ type: 'key', key });

  apply(start(initial));
  return {
    get state() {
      return state;
    },
    effects,
    press(...keys) {
      for (const name of keys) pressKey(keyOf(name));
    },
    type(text) {
      for (const character of graphemes(text)) pressKey({ name: 'text', text: character });
    },
    paste: text => pressKey({ name: 'paste', text }),
    answer: event => dispatch({ ...event, turn: state.turn }),
    fail: (error = new UserError('NETWORK', 'dkp.example.com does not answer.', { hint: 'Try again.' })) =>
      dispatch({ type: 'failed', error, turn: state.turn }),
    dispatch,
    latest: <Kind extends Effect['kind']>(kind: Kind) =>
      effects.findLast((effect): effect is Extract<Effect, { kind: Kind }> => effect.kind === kind),
  };
}

/** The finished questions it has told. */
export const answeredOf = ({ state }: Walk): Answered[] => state.printed.filter(isAnswer);

/** The other lines above the live part: addresses, and what leads to them. */
export const linesOf = ({ state }: Walk): string[] => state.printed.filter(line => typeof line === 'string');

function keyOf(name: string): Key {
  if (name === 'space') return { name: 'text', text: ' ' };
  if (name.startsWith('ctrl+')) return { name: 'ctrl', letter: name.slice('ctrl+'.length) };
  return { name: name as NamedKey };
}

const steps: Readonly<Partial<Record<Step, (walk: Walk) => void>>> = {
  link: walk => {
    if (walk.state.linkList === undefined && walk.state.linkField.value === '') walk.type(globalLink);
    walk.press('enter');
  },
  trust: walk => walk.press('down', 'enter'),
  clusters: walk =>
    walk.press(...(walk.state.clusterSelect?.chosen.size === 0 ? (['ctrl+a'] as const) : []), 'enter'),
  names: walk => walk.press(...walk.state.nameRows.map(() => 'enter' as const)),
};

/** Goes on with the answers that are proposed, until a step is reached; every cluster, Method 1. */
export function walkTo(walk: Walk, step: Step): Walk {
  for (let count = 0; walk.state.step !== step; count++) {
    if (count > 20) throw new Error(`${step} is not reached from ${walk.state.step}`);
    (steps[walk.state.step] ?? (() => walk.press('enter')))(walk);
  }
  return walk;
}
