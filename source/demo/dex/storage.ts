/** The provider library's storage: in memory, bounded, and with Dex's ways with refresh tokens. */

type Payload = Record<string, unknown> & {
  uid?: string;
  userCode?: string;
  grantId?: string;
  accountId?: string;
  clientId?: string;
  consumed?: number;
};
type Entry = {
  readonly model: string;
  readonly id: string;
  readonly payload: Payload;
  readonly until: number;
};

const mostEntries = 10_000;

export function createStorage(): (model: string) => object {
  const entries = new Map<string, Entry>();
  return model => new Storage(model, entries);
}

class Storage {
  readonly #model: string;
  readonly #entries: Map<string, Entry>;

  constructor(model: string, entries: Map<string, Entry>) {
    this.#model = model;
    this.#entries = entries;
  }

  async upsert(id: string, payload: Payload, expiresIn?: number): Promise<void> {
    const until = expiresIn === undefined ? Number.POSITIVE_INFINITY : Date.now() + expiresIn * 1000;
    this.#entries.set(this.#key(id), { model: this.#model, id, payload, until });
    if (this.#model === 'RefreshToken') this.#endFormerSessions(payload);
    for (const key of this.#entries.keys()) {
      if (this.#entries.size <= mostEntries) break;
      this.#entries.delete(key);
    }
  }

  async find(id: string): Promise<Payload | undefined> {
    const entry = this.#entries.get(this.#key(id));
    if (entry !== undefined && entry.until > Date.now()) return entry.payload;
    this.#entries.delete(this.#key(id));
    return undefined;
  }

  async findByUid(uid: string): Promise<Payload | undefined> {
    return this.#first(payload => payload.uid === uid);
  }

  async findByUserCode(userCode: string): Promise<Payload | undefined> {
    return this.#first(payload => payload.userCode === userCode);
  }

  async destroy(id: string): Promise<void> {
    this.#entries.delete(this.#key(id));
  }

  /** Dex refuses a used refresh token and leaves its successor alone; the library would end the whole grant. */
  async consume(id: string): Promise<void> {
    const entry = this.#entries.get(this.#key(id));
    if (entry === undefined) return;
    if (this.#model === 'RefreshToken') this.#entries.delete(this.#key(id));
    else entry.payload.consumed = Math.floor(Date.now() / 1000);
  }

  async revokeByGrantId(grantId: string): Promise<void> {
    for (const [key, { payload }] of this.#entries) {
      if (payload.grantId === grantId) this.#entries.delete(key);
    }
  }

  /** Dex keeps one refresh token for a user, connector and client: the latest login's. */
  #endFormerSessions({ accountId, clientId, grantId }: Payload): void {
    for (const [key, { model, payload }] of this.#entries) {
      const same = payload.accountId === accountId && payload.clientId === clientId;
      if (model === 'RefreshToken' && same && payload.grantId !== grantId) this.#entries.delete(key);
    }
  }

  #first(fits: (payload: Payload) => boolean): Payload | undefined {
    for (const { model, payload, until } of this.#entries.values()) {
      if (model === this.#model && until > Date.now() && fits(payload)) return payload;
    }
    return undefined;
  }

  #key(id: string): string {
    return `${this.#model}:${id}`;
  }
}
