import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import * as v from 'valibot';
import { UserError } from '../errors.ts';
import type { Environment } from '../system/paths.ts';
import { type Keyring, systemKeyring } from './keyring.ts';
import type { StoreChoice } from './store-choice.ts';

/** Where a secret is, or would be, kept, and why there; `why` follows "because". */
export type Place = { readonly kind: 'keyring' | 'file' | 'none'; readonly why: string };

/** What a file with a secret belongs to; both are readable in it, and part of what is authenticated. */
export type Subject = { readonly id: string; readonly issuer: string };

/** Makes the content of a file; everything that can fail or take long was done before. */
export type Sealer = Place & { seal(secret: string): string };

export type Opened =
  | { readonly kind: 'opened'; readonly secret: string; readonly place: Place }
  /** It is there, but cannot be read at the moment. */
  | { readonly kind: 'unavailable'; readonly error: UserError }
  /** It can never be read again. */
  | { readonly kind: 'lost' };

/**
 * Secrets in files. With a keyring the file is encrypted and only its key is in the keyring: so a secret may have any
 * size (Windows allows 2560 bytes), and replacing the file replaces the secret as a whole or not at all.
 */
export type SecretStore = {
  readonly choice: StoreChoice;
  open(content: string, id: string): Promise<Opened>;
  /**
   * @param former what the file holds now: it stays in its kind of place unless the choice says otherwise
   * @throws UserError KEYRING_UNAVAILABLE when the keyring was demanded
   */
  sealer(subject: Subject, former?: string): Promise<Sealer>;
  /** Takes out of the keyring what belongs to a content that is no more, unless its successor uses it. */
  forget(content: string, successor?: string): Promise<void>;
  /** Where a new secret would go; asks the keyring to keep something for a moment. */
  describe(): Promise<Place>;
};

const header = { version: v.literal(1), id: v.string(), issuer: v.string() };
const base64 = v.pipe(v.string(), v.regex(/^[A-Za-z0-9+/]+=*$/));
const fileSchema = v.variant('kept', [
  v.object({ ...header, kept: v.literal('file'), secret: v.string() }),
  v.object({
    ...header,
    kept: v.literal('keyring'),
    /** The name of the key in the keyring. */
    key: v.pipe(v.string(), v.regex(/^[0-9a-f]{32}$/)),
    nonce: base64,
    data: base64,
  }),
]);
type Content = v.InferOutput<typeof fileSchema>;
type Encrypted = Extract<Content, { kept: 'keyring' }>;

const cipher = 'aes-256-gcm';
const tagBytes = 16;
const asked: Place = { kind: 'file', why: 'you chose it' };

/** @param options.keyring instead of the operating system's */
export function openSecretStore(options: {
  readonly choice: StoreChoice;
  readonly env: Environment;
  readonly keyring?: Keyring;
}): SecretStore {
  const { choice, env, keyring = systemKeyring(env) } = options;
  /** Keys this process has got out of the keyring, by name. */
  const keys = new Map<string, Buffer>();

  async function keyOf(name: string): Promise<Buffer | 'lost' | UserError> {
    const known = keys.get(name);
    if (known !== undefined) return known;
    const answer = await keyring.get(name);
    if (answer.kind === 'unavailable') return unavailable(answer.why);
    const key = Buffer.from(answer.kind === 'secret' ? answer.secret : '', 'base64');
    if (key.length !== 32) return 'lost';
    keys.set(name, key);
    return key;
  }

  /** @returns the name of a key that the keyring is proved to hold, or why it holds none */
  async function newKey(): Promise<{ name: string } | { why: string }> {
    const name = randomBytes(16).toString('hex');
    const key = randomBytes(32);
    const secret = key.toString('base64');
    const answer = await keyring.set(name, secret);
    if (answer.kind === 'unavailable') return { why: answer.why };
    if (answer.kind === 'nothing' || answer.secret !== secret) {
      return { why: 'the keyring did not keep what it was given' };
    }
    keys.set(name, key);
    return { name };
  }

  function encrypting(subject: Subject, name: string, why: string): Sealer {
    const key = keys.get(name);
    if (key === undefined) throw new Error('a key is fetched before it is used');
    return { kind: 'keyring', why, seal: secret => encrypt(subject, name, key, secret) };
  }

  return {
    choice,
    async open(text, id) {
      const content = parse(text);
      if (content === undefined || content.id !== id) return { kind: 'lost' };
      if (content.kept === 'file') {
        return {
          kind: 'opened',
          secret: content.secret,
          place: { kind: 'file', why: 'it was stored there' },
        };
      }
      const key = await keyOf(content.key);
      if (key instanceof UserError) return { kind: 'unavailable', error: key };
      const secret = key === 'lost' ? undefined : decrypt(content, key);
      if (secret === undefined) return { kind: 'lost' };
      return { kind: 'opened', secret, place: { kind: 'keyring', why: 'it was stored there' } };
    },
    async sealer(subject, former) {
      const content = former === undefined ? undefined : parse(former);
      if (choice === 'file') return plain(subject, asked);
      if (content?.kept === 'file' && choice === 'auto') {
        return plain(subject, { kind: 'file', why: 'it was stored there' });
      }
      if (content?.kept === 'keyring' && keys.has(content.key)) {
        return encrypting(subject, content.key, 'it was stored there');
      }
      const key = await newKey();
      if ('name' in key) return encrypting(subject, key.name, whyKeyring(choice));
      if (choice === 'keyring') throw unavailable(key.why);
      return plain(subject, { kind: 'file', why: key.why });
    },
    async forget(text, successor) {
      const content = parse(text);
      if (content?.kept !== 'keyring') return;
      const next = successor === undefined ? undefined : parse(successor);
      if (next?.kept === 'keyring' && next.key === content.key) return;
      keys.delete(content.key);
      await keyring.remove(content.key);
    },
    async describe() {
      if (choice === 'none') return { kind: 'none', why: 'you chose it' };
      if (choice === 'file') return asked;
      const key = await newKey();
      if ('why' in key) {
        if (choice === 'keyring') throw unavailable(key.why);
        return { kind: 'file', why: key.why };
      }
      keys.delete(key.name);
      await keyring.remove(key.name);
      return { kind: 'keyring', why: whyKeyring(choice) };
    },
  };
}

const whyKeyring = (choice: StoreChoice) => (choice === 'keyring' ? 'you chose it' : 'it answers');

function plain(subject: Subject, place: Place): Sealer {
  const { id, issuer } = subject;
  return {
    ...place,
    seal: secret => format({ version: 1, id, issuer, kept: 'file', secret }),
  };
}

function encrypt({ id, issuer }: Subject, name: string, key: Buffer, secret: string): string {
  const nonce = randomBytes(12);
  const head = { version: 1, id, issuer, kept: 'keyring', key: name } as const;
  const sealing = createCipheriv(cipher, key, nonce, { authTagLength: tagBytes });
  sealing.setAAD(authenticated(head));
  const data = Buffer.concat([sealing.update(secret, 'utf8'), sealing.final(), sealing.getAuthTag()]);
  return format({ ...head, nonce: nonce.toString('base64'), data: data.toString('base64') });
}

/** @returns undefined when the file is not what was written, or belongs to something else */
function decrypt(content: Encrypted, key: Buffer): string | undefined {
  const data = Buffer.from(content.data, 'base64');
  try {
    const opening = createDecipheriv(cipher, key, Buffer.from(content.nonce, 'base64'), {
      authTagLength: tagBytes,
    });
    opening.setAAD(authenticated(content));
    opening.setAuthTag(data.subarray(-tagBytes));
    return Buffer.concat([opening.update(data.subarray(0, -tagBytes)), opening.final()]).toString('utf8');
  } catch {
    return undefined;
  }
}

const authenticated = ({ version, id, issuer, key }: Omit<Encrypted, 'nonce' | 'data' | 'kept'>) =>
  Buffer.from(JSON.stringify(['dkp-auth', version, id, issuer, key]));

const format = (content: Content) => `${JSON.stringify(content)}\n`;

function parse(text: string): Content | undefined {
  try {
    const result = v.safeParse(fileSchema, JSON.parse(text));
    return result.success ? result.output : undefined;
  } catch {
    return undefined;
  }
}

function unavailable(why: string): UserError {
  return new UserError('KEYRING_UNAVAILABLE', `The keyring cannot be used: ${why}.`, {
    hint: 'Unlock it and try again, or sign in again with --credential-store file.',
  });
}
