// The library ships no types, and its index prints a notice on every Node that is not an LTS release: only its class is used.
declare module 'oidc-provider/lib/provider.js' {
  import type { IncomingMessage, ServerResponse } from 'node:http';

  export type Params = Record<string, string | undefined>;
  export type ProviderClient = { clientId: string; grantTypeAllowed(type: string): boolean };

  export type ProviderContext = {
    status: number;
    body: unknown;
    type: string;
    oidc?: {
      route?: string;
      client?: ProviderClient;
      entities: { AccessToken?: { jti?: string }; Client?: ProviderClient };
    };
  };

  export type Stored = {
    jti: string;
    accountId?: string;
    clientId?: string;
    grantId?: string;
    scope?: string;
    authTime?: number;
    params?: Params;
    isExpired: boolean;
    error?: string;
    exp: number;
    save(ttl?: number): Promise<string>;
    consume(): Promise<void>;
  };

  export type StoredInteraction = Stored & {
    uid: string;
    returnTo: string;
    params: Params;
    result?: Record<string, unknown>;
  };

  export type StoredGrant = Stored & { addOIDCScope(scope: string): void };

  export type ProviderIdToken = {
    scope?: string;
    client: ProviderClient;
    ctx?: ProviderContext;
    payload(): Promise<Record<string, unknown>>;
  };

  export class Provider {
    constructor(issuer: string, configuration: Record<string, unknown>);
    readonly issuer: string;
    callback(): (request: IncomingMessage, response: ServerResponse) => Promise<void>;
    use(middleware: (context: ProviderContext, next: () => Promise<void>) => Promise<void>): this;
    on(event: string, listener: (...values: never[]) => void): this;
    readonly Interaction: { find(uid: string): Promise<StoredInteraction | undefined> };
    readonly AuthorizationCode: { find(code: string): Promise<Stored | undefined> };
    readonly DeviceCode: {
      findByUserCode(code: string, options?: { ignoreExpiration?: boolean }): Promise<Stored | undefined>;
    };
    readonly Grant: new (values: {
      accountId: string;
      clientId: string;
    }) => StoredGrant;
    readonly IdToken: {
      prototype: { issue(this: ProviderIdToken, options: { use: string }): Promise<string> };
    };
    readonly Client: {
      prototype: { redirectUriAllowed(this: ProviderClient, uri: string): boolean };
      find(id: string): Promise<ProviderClient | undefined>;
    };
  }
}
