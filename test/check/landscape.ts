import { check } from '../../source/check/check.ts';
import type { Finding } from '../../source/check/finding.ts';
import { type Landscape, type MachineFacts, surveyOf } from '../../source/check/landscape.ts';
import { type Exec, execOf } from '../../source/check/plugin.ts';
import { readKubeconfig } from '../../source/kubeconfig/read.ts';
import type { Profile } from '../../source/profiles/profile.ts';

export const now = 1_790_000_000;

export type Situation = {
  /** Texts of kubeconfigs, joined by kubectl in this order, named `/kube/0`, `/kube/1` and so on. */
  readonly files: readonly string[];
  /** Only named to the program; kubectl does not join them now. */
  readonly named?: boolean;
  /** Each in a set of its own. */
  readonly apart?: boolean;
  readonly profiles?: readonly Profile[];
  readonly machine?: Partial<MachineFacts>;
};

/** The facts of kubeconfigs whose plugins all are where they should be. */
export function landscape({ files, named, apart, profiles = [], machine }: Situation): Landscape {
  const read = files.map((text, index) => readKubeconfig(text, `/kube/${index}`));
  const isInUse = named !== true;
  const execs = read.flatMap(({ entries }) => entries.flatMap(({ content }) => execOf(content) ?? []));
  const facts: MachineFacts = {
    access: new Map(),
    tokenFiles: new Map(),
    certificates: new Map(),
    emptied: new Map(),
    commands: new Map(execs.map(exec => [exec.command, installed(exec)])),
    konvoyTokens: new Map(),
    realPaths: new Map(),
    now,
    ...machine,
  };
  const sets = apart ? read.map(file => ({ files: [file], isInUse })) : [{ files: read, isInUse }];
  return surveyOf({ sets, unreadable: [], profiles }, facts);
}

const installed = ({ command }: Exec) => ({ file: command, weakness: undefined });

/** What is found, without the notes. */
export function faults(situation: Situation): Finding[] {
  return check(landscape(situation)).filter(({ severity }) => severity !== 'note');
}

const base64 = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');

/** A JSON Web Token of a day, not signed by anybody. */
export function token(claims: object = {}): string {
  const whole = {
    iss: 'https://dkp.example.com/dex',
    aud: 'own',
    iat: now - 3600,
    exp: now + 82_800,
    ...claims,
  };
  return `${base64({ alg: 'RS256' })}.${base64(whole)}.c2lnbmF0dXJl`;
}

type Entries = {
  /** Server by name. */
  readonly clusters?: Readonly<Record<string, string | object>>;
  /** Cluster and user by name of the context. */
  readonly contexts?: Readonly<Record<string, readonly [cluster: string, user: string]>>;
  readonly users?: Readonly<Record<string, object>>;
  readonly current?: string;
};

/** A kubeconfig, an entry in each line: clusters from line 3 on, then contexts and users, each under a line of its own. */
export function kubeconfig({ clusters = {}, contexts = {}, users = {}, current }: Entries): string {
  const lines = (entries: Readonly<Record<string, unknown>>, field: string, value: (one: never) => unknown) =>
    Object.entries(entries).map(([name, one]) =>
      `- ${JSON.stringify({ name, [field]: value(one as never) })}`.replaceAll('\u001b', '\\u001b'),
    );
  return [
    'apiVersion: v1',
    'clusters:',
    ...lines(clusters, 'cluster', (one: string | object) =>
      typeof one === 'string' ? { server: one } : one,
    ),
    'contexts:',
    ...lines(contexts, 'context', ([cluster, user]: [string, string]) => ({ cluster, user })),
    'users:',
    ...lines(users, 'user', (user: object) => user),
    ...(current === undefined ? [] : [`current-context: ${JSON.stringify(current)}`]),
    '',
  ].join('\n');
}

export const konvoy = (...args: string[]) => ({
  exec: {
    apiVersion: 'client.authentication.k8s.io/v1beta1',
    command: '/opt/konvoy-async-plugin',
    args: ['-auth-url=https://dkp.example.com/token/', ...args],
  },
});

export const kubelogin = (...args: string[]) => ({
  exec: { command: '/usr/bin/kubelogin', args: ['get-token', ...args] },
});

export const ours = (profile: string, more: object = { provideClusterInfo: true }) => ({
  exec: { command: '/opt/dkp-auth-token', args: ['--profile', profile], ...more },
});

/** Two clusters, with a user for each. */
export function twoUsers(one: object, other: object, servers = ['https://a.example', 'https://b.example']) {
  return kubeconfig({
    clusters: { a: servers[0] ?? '', b: servers[1] ?? '' },
    contexts: { a: ['a', 'one'], b: ['b', 'other'] },
    users: { one, other },
    current: 'a',
  });
}

/** A cluster with its user. */
export function oneUser(user: object, server: string | object = 'https://a.example') {
  return kubeconfig({
    clusters: { a: server },
    contexts: { a: ['a', 'one'] },
    users: { one: user },
    current: 'a',
  });
}
