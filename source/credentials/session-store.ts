import path from 'node:path';
import { UserError } from '../errors.ts';
import { listFolder, modifiedAt, readPrivateFile, removeFile, replaceFile } from '../system/files.ts';
import { type Lease, withLock } from '../system/lock.ts';
import type { Paths } from '../system/paths.ts';
import type { Place, Sealer, SecretStore } from './secret-store.ts';
import { isSessionId, parseSession, type Session, sessionFile, sessionFolder } from './session.ts';

export type SessionRead =
  | { readonly kind: 'found'; readonly session: Session; readonly place: Place }
  | { readonly kind: 'none' }
  /** There is one, but the keyring does not give it now. */
  | { readonly kind: 'unavailable'; readonly error: UserError }
  /** There was one, and it can never be read again. */
  | { readonly kind: 'lost' };

/** A session that nobody else reads or writes meanwhile. */
export type HeldSession = {
  read(): Promise<SessionRead>;
  /**
   * Prepares `write`, as far as that can fail for other reasons than the disk; to be called before an issuer is asked for
   * something that must not get lost.
   * @param anew a new login, which may go to a better place than the former one
   * @throws UserError KEYRING_UNAVAILABLE
   */
  prepare(session: Pick<Session, 'issuer'>, anew?: boolean): Promise<Place>;
  /** @throws UserError IO, LOCKED, KEYRING_UNAVAILABLE */
  write(session: Session): Promise<Place>;
  remove(): Promise<void>;
  /** When a process last stored it, in milliseconds since the epoch; undefined when no other process can. */
  writtenAt(): Promise<number | undefined>;
};

export type SessionStore = {
  /** Reads without the lock, to look. */
  read(id: string): Promise<SessionRead>;
  list(): Promise<string[]>;
  /** @throws UserError LOCKED */
  hold<T>(id: string, run: (held: HeldSession) => Promise<T>, options?: HoldOptions): Promise<T>;
  /** Where a new session would be kept. */
  describe(): Promise<Place>;
};

export type HoldOptions = { readonly signal?: AbortSignal; readonly timeoutMs?: number };

const extension = '.json';

/** A file for each session, sealed by a secret store; with the choice `none`, this process's memory. */
export function openSessions(paths: Paths, secrets: SecretStore): SessionStore {
  return secrets.choice === 'none' ? sessionsInMemory(secrets) : sessionsInFiles(paths, secrets);
}

function sessionsInFiles(paths: Paths, secrets: SecretStore): SessionStore {
  const folder = sessionFolder(paths);
  const fileOf = (id: string) => sessionFile(paths, checkedId(id));

  async function read(id: string): Promise<SessionRead> {
    const content = await readPrivateFile(fileOf(id));
    if (content === undefined) return { kind: 'none' };
    const opened = await secrets.open(content, id);
    if (opened.kind !== 'opened') return opened;
    const session = parseSession(opened.secret, id);
    return session === undefined ? { kind: 'lost' } : { kind: 'found', session, place: opened.place };
  }

  function hold(id: string, lease: Lease): HeldSession {
    const file = fileOf(id);
    let sealer: Sealer | undefined;
    async function prepare({ issuer }: Pick<Session, 'issuer'>, anew = false): Promise<Place> {
      const former = anew ? undefined : await readPrivateFile(file);
      sealer = await secrets.sealer({ id, issuer }, former);
      return { kind: sealer.kind, why: sealer.why };
    }
    return {
      read: () => read(id),
      prepare,
      async write(session) {
        if (sealer === undefined) await prepare(session);
        if (sealer === undefined) throw new Error('a sealer is made or an error thrown');
        const former = await readPrivateFile(file);
        const content = sealer.seal(JSON.stringify(session));
        await lease.confirm();
        await replaceFile(file, content, { secret: true });
        if (former !== undefined) await secrets.forget(former, content);
        return { kind: sealer.kind, why: sealer.why };
      },
      async remove() {
        const former = await readPrivateFile(file).catch(() => undefined);
        await lease.confirm();
        await removeFile(file);
        sealer = undefined;
        if (former !== undefined) await secrets.forget(former);
      },
      writtenAt: () => modifiedAt(file),
    };
  }

  return {
    read,
    async list() {
      const names = await listFolder(folder);
      return names
        .filter(name => name.endsWith(extension))
        .map(name => name.slice(0, -extension.length))
        .filter(isSessionId);
    },
    hold: (id, run, options = {}) =>
      withLock(path.join(folder, `${checkedId(id)}.lock`), lease => run(hold(id, lease)), {
        what: 'this session',
        ...options,
      }),
    describe: () => secrets.describe(),
  };
}

function sessionsInMemory(secrets: SecretStore): SessionStore {
  const sessions = new Map<string, Session>();
  const place: Place = { kind: 'none', why: 'you chose it' };
  const lines = new Map<string, Promise<unknown>>();
  const read = async (id: string): Promise<SessionRead> => {
    const session = sessions.get(checkedId(id));
    return session === undefined ? { kind: 'none' } : { kind: 'found', session, place };
  };
  return {
    read,
    list: async () => [...sessions.keys()].sort(),
    hold(id, run) {
      const held: HeldSession = {
        read: () => read(id),
        prepare: async () => place,
        async write(session) {
          sessions.set(checkedId(id), session);
          return place;
        },
        async remove() {
          sessions.delete(id);
        },
        writtenAt: async () => undefined,
      };
      const turn = (lines.get(id) ?? Promise.resolve()).then(() => run(held));
      lines.set(
        id,
        turn.catch(() => undefined),
      );
      return turn;
    },
    describe: () => secrets.describe(),
  };
}

/**
 * Keeps what a login left. A session of the same issuer, client and account is replaced: the issuer has ended it. One that
 * another process has stored since this login began is remembered beside it: of two logins at once nobody but the issuer
 * knows which one was the later.
 * @param begun when this login began, in milliseconds since the epoch
 * @throws UserError IO, LOCKED, KEYRING_UNAVAILABLE
 */
export function keepSession(
  sessions: SessionStore,
  session: Session,
  { begun = Number.POSITIVE_INFINITY, ...options }: HoldOptions & { readonly begun?: number } = {},
): Promise<Place> {
  return sessions.hold(
    session.id,
    async held => {
      const since = ((await held.writtenAt()) ?? 0) >= begun;
      const rival = since ? await held.read() : undefined;
      await held.prepare(session, true);
      return held.write(rival?.kind === 'found' ? withRival(session, rival.session) : session);
    },
    options,
  );
}

/** What each may be asked for is the issuer's to say. */
function withRival(session: Session, rival: Session): Session {
  const scopes = [...new Set([...session.scopes, ...rival.scopes])];
  return { ...session, scopes, previousRefreshToken: rival.refreshToken };
}

function checkedId(id: string): string {
  if (isSessionId(id)) return id;
  throw new UserError('STORE_INVALID', 'This is not the id of a session.');
}
