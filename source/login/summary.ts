import type { Cluster } from '../portal/clusters.ts';
import { formatLoginLink } from '../portal/login-link.ts';
import type { ProfileName } from '../profiles/profile-name.ts';
import { readCertificates } from '../system/certificates.ts';
import { displayFingerprint } from '../system/fingerprint.ts';
import { type Environment, tildePath } from '../system/paths.ts';
import { evaluated, findShell } from '../system/shell.ts';
import { type Isolation, isolationOf } from './isolation.ts';
import type { LoginOptions } from './options.ts';
import type { Plan } from './plan.ts';
import type { LoginOutcome } from './run.ts';

/** One argument as a POSIX shell reads it. */
export function shellQuote(argument: string): string {
  return /^[\w@%+=:,./~-]+$/.test(argument) && !argument.startsWith('~')
    ? argument
    : `'${argument.replaceAll("'", "'\\''")}'`;
}

/** The command that repeats a run without questions; holds no secret. */
export function repeatCommand(options: LoginOptions): string {
  const { portal, choices, method } = options;
  const args = ['dkp-auth', 'login'];
  if (portal.link) args.push(formatLoginLink(portal.link));
  if (options.issuerLogin) args.push(...options.issuerLogin.flags);
  if (portal.trust.kind === 'authority') {
    const [certificate] = readCertificates(portal.trust.pem, 'the trusted certificate');
    if (certificate !== undefined) args.push('--trust', displayFingerprint(certificate.fingerprint));
  }
  if (options.identityProvider !== undefined) args.push('--idp', options.identityProvider);
  const [first] = choices;
  if (
    first !== undefined &&
    first.signIn !== 'portal' &&
    choices.every(choice => choice.signIn === first.signIn)
  )
    args.push('--sign-in', first.signIn);
  const { into } = options;
  if (into !== undefined) {
    if (!args.includes('--kubeconfig')) args.push('--kubeconfig', into.file, '--context', into.context);
    if (method === 'token') args.push('--method', method);
  } else {
    if (options.allClusters) args.push('--all-clusters');
    else for (const { cluster } of choices) args.push('--cluster', clusterKey(cluster));
    args.push('--method', method);
  }
  if (choices.length === 1 && first !== undefined) args.push('--profile', first.profile);
  else
    for (const { cluster, profile } of choices) args.push('--profile', `${clusterKey(cluster)}=${profile}`);
  if (options.merge) args.push('--merge');
  if (options.output !== undefined) args.push('--output', options.output);
  if (options.onConflict !== undefined && options.onConflict !== 'fail') {
    args.push('--on-conflict', options.onConflict);
  }
  if (options.portable) args.push('--portable');
  if (options.setCurrent !== undefined) args.push('--set-current', options.setCurrent);
  if (options.signInTime === 'all') args.push('--sign-in-now');
  if (options.signInTime === 'none') args.push('--sign-in-later');
  return args.map(shellQuote).join(' ');
}

function clusterKey(cluster: Cluster): string {
  return cluster.nameIsUnique ? cluster.name : cluster.server;
}

/** What to type next. */
export type NextCommands = {
  readonly try: string;
  /** Makes another of the profiles, or the only one, what kubectl uses in the person's shell. */
  readonly use: string;
  /** The same by kubectl's own means, step by step. */
  readonly switch: readonly string[];
};

export function nextCommands(plan: Plan, options: LoginOptions, env: Environment): NextCommands {
  const [first, second] = plan.files;
  if (first === undefined) return { try: '', use: '', switch: [] };
  const file = (path: string) => quotePath(path, env);
  const contexts = plan.files.flatMap(each => each.contexts).map(shellQuote);
  // What kubectl uses anyway needs no naming.
  const isUsual = options.merge === true && options.output === undefined;
  const flag = isUsual ? '' : ` --kubeconfig=${file(first.path)}`;
  const isOne = options.method === '1' || options.merge === true;
  const wanted = isOne ? contexts.find(context => context !== first.currentContext) : undefined;
  const isCurrent = isOne
    ? contexts.some(name => name === first.currentContext)
    : contexts[0] === first.currentContext;
  const attempt = `kubectl${flag}${isCurrent ? '' : ` --context=${contexts[0]}`} get pods -A`;
  const variable = isUsual ? [] : [`export KUBECONFIG=${file(first.path)}`];
  const profiles = plan.files.flatMap(each => each.choices.map(choice => choice.profile));
  const other =
    wanted === undefined ? (second?.choices[0]?.profile ?? profiles[0]) : profiles[contexts.indexOf(wanted)];
  const use = evaluated(findShell(env), `dkp-auth use ${other}`);
  if (wanted !== undefined) {
    return {
      try: attempt,
      use,
      switch: [
        ...variable,
        `kubectl config use-context ${wanted}`,
        `kubectl --context=${wanted} get pods -A`,
      ],
    };
  }
  if (second === undefined || isOne) return { try: attempt, use, switch: variable };
  return {
    try: attempt,
    use,
    switch: [
      `kubectl --kubeconfig=${file(second.path)} get pods -A`,
      `export KUBECONFIG=${file(second.path)}`,
    ],
  };
}

// A tilde is expanded by the shell only where it stands unquoted at the start of a word or right after "=" in export.
export function quotePath(path: string, env: Environment): string {
  const short = tildePath(path, env);
  return short.startsWith('~/') ? `"$HOME"${shellQuote(short.slice(1))}` : shellQuote(short);
}

/** The outcome as `--json` prints it. */
export function outcomeDocument(outcome: LoginOutcome, env: Environment) {
  const { options, plan, profiles, written } = outcome;
  return {
    loginLink: options.portal.link === undefined ? null : formatLoginLink(options.portal.link),
    method: options.method,
    profiles: profiles.map(({ profile, kubeconfig, context, token, failure }) => ({
      name: profile.name,
      cluster: profile.cluster.name,
      server: profile.cluster.server,
      signIn: profile.signIn,
      isolation: isolationIn(options, profile.name),
      signedIn: token !== undefined,
      account: token === undefined ? null : { label: token.account.label, groups: token.groups },
      expiresAt: token === undefined ? null : new Date(token.expiresAt * 1000).toISOString(),
      kubeconfig,
      context,
      error:
        failure === undefined
          ? null
          : { code: failure.code, message: failure.message, hint: failure.hint ?? null },
    })),
    files: plan.files.map(file => {
      const backup = written.find(({ path }) => path === file.path)?.backup?.path;
      return {
        path: file.path,
        action: file.action,
        currentContext: file.currentContext ?? null,
        ...(backup !== undefined && { backup }),
      };
    }),
    commands: { ...nextCommands(plan, options, env), repeat: repeatCommand(options) },
  };
}

function isolationIn({ choices }: LoginOptions, name: ProfileName): Isolation {
  const choice = choices.find(({ profile }) => profile === name);
  return choice === undefined ? 'separate' : isolationOf(choice, choices);
}

/** What a login would do, as `--dry-run --json` prints it. */
export function planDocument(plan: Plan, options: LoginOptions, env: Environment) {
  return {
    dryRun: true,
    loginLink: options.portal.link === undefined ? null : formatLoginLink(options.portal.link),
    method: options.method,
    profiles: plan.profiles.map(({ name, cluster, signIn }) => ({
      name,
      cluster: cluster.name,
      server: cluster.server,
      signIn,
    })),
    files: plan.files.map(file => ({
      path: file.path,
      action: file.action,
      currentContext: file.currentContext ?? null,
      diff: file.diff(),
    })),
    commands: { ...nextCommands(plan, options, env), repeat: repeatCommand(options) },
  };
}
