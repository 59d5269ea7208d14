import { createHmac } from 'node:crypto';
import type { Provider } from 'oidc-provider/lib/provider.js';
import type { Exchange } from '../http.ts';
import type { DemoIdentityProvider } from '../types.ts';
import type { IssuerSettings } from './provider.ts';

export type DexSettings = IssuerSettings & {
  readonly identityProviders: readonly DemoIdentityProvider[];
  /** the name of an identity provider as it is shown; a fault changes it */
  readonly providerName: (name: string) => string;
};

/** What Dex's pages share. */
export type Dex = {
  readonly settings: DexSettings;
  readonly provider: Provider;
  /** path of the issuer's address, `/dex` */
  readonly base: string;
  readonly secret: Buffer;
  toLibrary(exchange: Exchange, change: { path: string; method?: string; cookie?: string }): Promise<void>;
  fail(exchange: Exchange, status: number, message: string): void;
};

export function approvalMac(secret: Buffer, request: string): string {
  return createHmac('sha256', secret).update(request).digest('base64url');
}
