import type { Keyring, KeyringAnswer } from '../../source/credentials/keyring.ts';

/** A keyring in memory that can be locked, for what a real one cannot be made to do. */
export type FakeKeyring = Keyring & {
  readonly secrets: Map<string, string>;
  /** Every call so far: what and which. */
  readonly calls: string[];
  /** Why it does not answer; undefined: it does. */
  fault: string | undefined;
  /** It takes what it is given and gives something else. */
  garbles: boolean;
};

export function fakeKeyring(more: Partial<Pick<FakeKeyring, 'fault' | 'garbles'>> = {}): FakeKeyring {
  const secrets = new Map<string, string>();
  const stored = (name: string): KeyringAnswer => {
    const secret = secrets.get(name);
    return secret === undefined ? { kind: 'nothing' } : { kind: 'secret', secret };
  };
  const fake: FakeKeyring = {
    secrets,
    calls: [],
    fault: undefined,
    garbles: false,
    ...more,
    get: async name => answer('get', name, () => undefined),
    set: async (name, secret) =>
      answer('set', name, () => secrets.set(name, fake.garbles ? secret.slice(0, 20) : secret)),
    remove: async name => answer('remove', name, () => secrets.delete(name)),
  };
  function answer(call: string, name: string, change: () => unknown): KeyringAnswer {
    fake.calls.push(`${call} ${name}`);
    if (fake.fault !== undefined) return { kind: 'unavailable', fault: 'no-answer', why: fake.fault };
    change();
    return stored(name);
  }
  return fake;
}
