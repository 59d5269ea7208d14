import path from 'node:path';
import type { Fields } from '../kubeconfig/read.ts';

/** The `exec` of a kubeconfig user, as far as it has the shape that Kubernetes documents (ExecConfig). */
export type Exec = {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: ReadonlyMap<string, string>;
};

/** A plugin that keeps tokens under a name of its own. */
export type Plugin =
  | {
      readonly kind: 'konvoy';
      readonly profile: string;
      readonly tokenDir: string | undefined;
      readonly authUrl: string | undefined;
      readonly caData: string | undefined;
      readonly caFile: string | undefined;
    }
  /** int128/kubelogin, also as `kubectl oidc-login`. */
  | {
      readonly kind: 'kubelogin';
      readonly issuer: string;
      readonly client: string;
      readonly cacheKey: string | undefined;
    }
  | { readonly kind: 'dkp-auth'; readonly profile: string };

export function execOf({ exec }: Fields): Exec | undefined {
  if (typeof exec !== 'object' || exec === null) return undefined;
  const { command, args, env } = exec as Fields;
  if (typeof command !== 'string' || command === '') return undefined;
  const variables = Array.isArray(env) ? env : [];
  return {
    command,
    args: Array.isArray(args) ? args.map(String) : [],
    env: new Map(variables.map(variable => [String(variable?.name), String(variable?.value ?? '')])),
  };
}

export function pluginOf(exec: Exec): Plugin | undefined {
  const name = path.posix
    .basename(exec.command.replaceAll('\\', '/'))
    .replace(/\.exe$/i, '')
    .toLowerCase();
  const { args } = exec;
  switch (name) {
    case 'konvoy-async-plugin':
      return konvoy(args);
    case 'kubelogin':
    case 'kubectl-oidc_login':
      return args[0] === 'get-token' ? kubelogin(args.slice(1), exec) : undefined;
    case 'kubectl':
      return args[0] === 'oidc-login' && args[1] === 'get-token' ? kubelogin(args.slice(2), exec) : undefined;
    case 'dkp-auth-token':
      return ours(args);
    case 'dkp-auth':
    case 'kubectl-dkp_auth':
      return args[0] === 'token' ? ours(args.slice(1)) : undefined;
    default:
      return undefined;
  }
}

function ours(args: readonly string[]): Plugin | undefined {
  const profile = flagsOf(args, /^--/, booleans.none).get('profile')?.at(-1);
  return profile === undefined ? undefined : { kind: 'dkp-auth', profile };
}

/** Go's flag package: one dash or two, the value after `=` or as the next argument. */
function konvoy(args: readonly string[]): Plugin {
  const flags = flagsOf(args, /^--?(?=[^-])/, booleans.konvoy);
  const last = (name: string) => flags.get(name)?.at(-1);
  return {
    kind: 'konvoy',
    profile: last('kubeconfig-user') ?? '',
    tokenDir: last('token-dir') || undefined,
    authUrl: last('auth-url'),
    caData: last('ca-data') || undefined,
    caFile: last('ca-file') || undefined,
  };
}

const booleans = {
  none: new Set<string>(),
  konvoy: new Set(['no-browser-exec']),
  kubelogin: new Set([
    'oidc-use-access-token',
    'oidc-use-pkce',
    'force-refresh',
    'insecure-skip-tls-verify',
    'tls-renegotiation-once',
    'tls-renegotiation-freely',
    'skip-open-browser',
  ]),
};

/**
 * What int128/kubelogin's cache is keyed by: provider, TLS settings, user name of a password grant, extra parameters, and
 * where the cache lies (its `tokencache.Key`). Neither the API server nor the account is in it.
 */
function kubelogin(args: readonly string[], { env }: Exec): Plugin | undefined {
  const flags = flagsOf(args, /^--/, booleans.kubelogin);
  const all = (name: string) => flags.get(name) ?? [];
  const last = (name: string) => all(name).at(-1) ?? '';
  // Azure's program of the same name has no issuer.
  if (last('oidc-issuer-url') === '') return undefined;
  const listed = (name: string) => all(name).flatMap(value => value.split(','));
  const isOn = (name: string) => flags.has(name) && last(name) !== 'false';
  const byPassword =
    last('grant-type') === 'password' ||
    (['', 'auto'].includes(last('grant-type')) && last('username') !== '');
  const pkce = isOn('oidc-use-pkce') ? 'S256' : last('oidc-pkce-method') || 'auto';
  const key = [
    last('oidc-issuer-url'),
    last('oidc-client-id'),
    last('oidc-client-secret'),
    listed('oidc-extra-scope'),
    last('oidc-redirect-url'),
    pkce,
    isOn('oidc-use-access-token'),
    listed('oidc-request-header').sort(),
    listed('certificate-authority'),
    listed('certificate-authority-data'),
    ...['insecure-skip-tls-verify', 'tls-renegotiation-once', 'tls-renegotiation-freely'].map(isOn),
    byPassword ? last('username') : '',
    listed('oidc-auth-request-extra-params').sort(),
    last('token-cache-dir') || env.get('KUBECACHEDIR') || '',
    last('token-cache-storage') || 'disk',
  ];
  return {
    kind: 'kubelogin',
    issuer: last('oidc-issuer-url'),
    client: last('oidc-client-id'),
    cacheKey: last('token-cache-storage') === 'none' ? undefined : JSON.stringify(key),
  };
}

/** Values by flag, in their order; a flag without one has ''. What is no flag is left out. */
function flagsOf(
  args: readonly string[],
  dashes: RegExp,
  withoutValue: ReadonlySet<string>,
): Map<string, string[]> {
  const flags = new Map<string, string[]>();
  for (let index = 0; index < args.length; index += 1) {
    const argument = args[index] ?? '';
    if (argument === '--') break;
    if (!dashes.test(argument)) continue;
    const [, name = '', value] = /^([^=]*)(?:=(.*))?$/s.exec(argument.replace(dashes, '')) ?? [];
    if (value === undefined && !withoutValue.has(name)) index += 1;
    const given = value ?? (withoutValue.has(name) ? '' : (args[index] ?? ''));
    const values = flags.get(name);
    if (values === undefined) flags.set(name, [given]);
    else values.push(given);
  }
  return flags;
}

/** What tells one kept token from another, and what the person knows it by; undefined where nothing is kept. */
export function keptUnder(plugin: Plugin): { readonly key: string; readonly name: string } | undefined {
  switch (plugin.kind) {
    case 'konvoy': {
      const { profile, tokenDir = '' } = plugin;
      const name = profile === '' ? 'without -kubeconfig-user' : `-kubeconfig-user=${profile}`;
      return { key: JSON.stringify(['konvoy', tokenDir, profile]), name: `the Konvoy plugin, ${name}` };
    }
    case 'kubelogin': {
      const { cacheKey, issuer, client } = plugin;
      if (cacheKey === undefined) return undefined;
      return { key: `kubelogin ${cacheKey}`, name: `kubelogin, client ${client} at ${issuer}` };
    }
    case 'dkp-auth':
      return {
        key: JSON.stringify(['dkp-auth', plugin.profile]),
        name: `dkp-auth, profile ${plugin.profile}`,
      };
  }
}
