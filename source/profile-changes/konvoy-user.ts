import { type Fields, isFields } from '../kubeconfig/section.ts';
import { type LoginLink, parseLoginLink } from '../portal/login-link.ts';

/** What a kubeconfig that the platform hands out says to its plugin. */
export type KonvoyUser = {
  readonly link: LoginLink;
  /** PEM in base64, and a file; either stands for the platform's authority. */
  readonly caData: string | undefined;
  readonly caFile: string | undefined;
};

/** @returns undefined when the user does not call the platform's plugin, or names no address */
export function konvoyUser({ exec }: Fields): KonvoyUser | undefined {
  if (!isFields(exec) || typeof exec['command'] !== 'string' || !Array.isArray(exec['args']))
    return undefined;
  if (!/(^|[/\\])konvoy-async-plugin(\.exe)?$/i.test(exec['command'])) return undefined;
  const flags = new Map<string, string>();
  for (const arg of exec['args']) {
    const [, name, value] = /^--?([^=]+)=([\s\S]*)$/.exec(String(arg)) ?? [];
    if (name !== undefined && value !== undefined) flags.set(name, value);
  }
  const address = flags.get('auth-url') ?? '';
  if (!URL.canParse(address)) return undefined;
  const url = new URL(address);
  url.pathname = `${url.pathname.replace(/\/+$/, '')}/landing/`;
  try {
    return { link: parseLoginLink(url.href), caData: flags.get('ca-data'), caFile: flags.get('ca-file') };
  } catch {
    return undefined;
  }
}
