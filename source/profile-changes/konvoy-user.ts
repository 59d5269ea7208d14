import { execOf, pluginOf } from '../check/plugin.ts';
import type { Fields } from '../kubeconfig/section.ts';
import { type LoginLink, linkOfTokenService } from '../portal/login-link.ts';

/** What a kubeconfig that the platform hands out says to its plugin. */
export type KonvoyUser = {
  readonly link: LoginLink;
  /** PEM in base64, and a file; either stands for the platform's authority. */
  readonly caData: string | undefined;
  readonly caFile: string | undefined;
};

/** @returns undefined when the user does not call the platform's plugin, or names no address */
export function konvoyUser(user: Fields): KonvoyUser | undefined {
  const exec = execOf(user);
  const plugin = exec && pluginOf(exec);
  if (plugin?.kind !== 'konvoy') return undefined;
  const { authUrl = '', caData, caFile } = plugin;
  try {
    return { link: linkOfTokenService(authUrl), caData, caFile };
  } catch {
    return undefined;
  }
}
