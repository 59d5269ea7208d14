import { type Fields, isFields } from '../kubeconfig/section.ts';
import type { SignInWay } from '../profiles/profile.ts';

/** What a kubeconfig of int128/kubelogin says to its plugin. */
export type KubeloginUser = {
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string | undefined;
  readonly scopes: readonly string[];
  readonly signIn: SignInWay;
  readonly listen: readonly string[];
  readonly redirectHost: '127.0.0.1' | 'localhost' | undefined;
  readonly accessToken: boolean;
  readonly extraParameters: Readonly<Record<string, string>>;
  /** PEM in base64, and a file; either stands for the issuer's authority. */
  readonly caData: string | undefined;
  readonly caFile: string | undefined;
  /** Flags that have no like here, by name. */
  readonly dropped: readonly string[];
};

const ways: Readonly<Record<string, SignInWay>> = {
  auto: 'browser',
  authcode: 'browser',
  'authcode-keyboard': 'paste',
  'device-code': 'device',
  password: 'password',
  'client-credentials': 'client-credentials',
};

const switches = new Set([
  'oidc-use-access-token',
  'oidc-use-pkce',
  'insecure-skip-tls-verify',
  'skip-open-browser',
  'force-refresh',
]);
const known = new Set([
  'oidc-issuer-url',
  'oidc-client-id',
  'oidc-client-secret',
  'oidc-extra-scope',
  'oidc-use-access-token',
  'oidc-use-pkce',
  'oidc-pkce-method',
  'oidc-redirect-url-hostname',
  'oidc-auth-request-extra-params',
  'listen-address',
  'grant-type',
  'certificate-authority',
  'certificate-authority-data',
  'token-cache-dir',
  'token-cache-storage',
]);

/** @returns undefined when the user does not call kubelogin, or does not say enough */
export function kubeloginUser(user: Fields): KubeloginUser | undefined {
  const args = argumentsOf(user);
  if (args === undefined) return undefined;
  const flags = parseFlags(args);
  const last = (name: string) => flags.get(name)?.at(-1);
  const issuer = last('oidc-issuer-url');
  const clientId = last('oidc-client-id');
  if (issuer === undefined || clientId === undefined) return undefined;
  const host = last('oidc-redirect-url-hostname');
  return {
    issuer,
    clientId,
    clientSecret: last('oidc-client-secret') || undefined,
    scopes: list(flags.get('oidc-extra-scope')).filter(scope => scope !== 'openid'),
    signIn: ways[last('grant-type') ?? 'auto'] ?? 'browser',
    listen: list(flags.get('listen-address')),
    redirectHost: host === '127.0.0.1' || host === 'localhost' ? host : undefined,
    accessToken: last('oidc-use-access-token') === 'true',
    extraParameters: Object.fromEntries(
      list(flags.get('oidc-auth-request-extra-params')).flatMap(text => {
        const [, name, value] = /^([^=]+)=(.*)$/s.exec(text) ?? [];
        return name === undefined ? [] : [[name, value ?? '']];
      }),
    ),
    caData: last('certificate-authority-data'),
    caFile: last('certificate-authority'),
    dropped: [...flags.keys()].filter(name => !known.has(name)),
  };
}

/** `kubectl oidc-login get-token`, `kubectl-oidc_login get-token` or `kubelogin get-token`. */
function argumentsOf({ exec }: Fields): string[] | undefined {
  if (!isFields(exec) || typeof exec['command'] !== 'string' || !Array.isArray(exec['args']))
    return undefined;
  const args = exec['args'].filter(arg => typeof arg === 'string');
  const command = /([^/\\]*?)(\.exe)?$/i.exec(exec['command'])?.[1];
  if (command === 'kubectl' && args[0] === 'oidc-login') args.shift();
  else if (command !== 'kubelogin' && command !== 'kubectl-oidc_login') return undefined;
  return args[0] === 'get-token' ? args.slice(1) : undefined;
}

/** As pflag reads them: `--name=value`, `--name value`; a switch takes no word of its own. */
function parseFlags(args: readonly string[]): Map<string, string[]> {
  const flags = new Map<string, string[]>();
  const rest = [...args];
  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    const [, name, value] = /^--([^=]+)(?:=([\s\S]*))?$/.exec(word) ?? [];
    if (name === undefined) continue;
    const text = value ?? (switches.has(name) ? 'true' : (rest.shift() ?? ''));
    flags.set(name, [...(flags.get(name) ?? []), text]);
  }
  return flags;
}

/** pflag's string slices: given again, or separated by commas. */
const list = (values: readonly string[] = []) =>
  values.flatMap(value => value.split(',')).filter(value => value !== '');
