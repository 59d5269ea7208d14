import path from 'node:path';
import type { Entry, Kubeconfig, Section } from '../kubeconfig/read.ts';
import type { Profile } from '../profiles/profile.ts';
import type { Access, Weakness } from '../system/inspect.ts';
import { clusterIdentity } from './cluster-identity.ts';
import { type Exec, execOf, type Plugin, pluginOf } from './plugin.ts';
import { factsOfToken, type TokenFacts } from './token-claims.ts';

/** Kubeconfigs that kubectl reads as one, in its order: what defines a name first wins. */
export type JoinedSet = {
  readonly files: readonly Kubeconfig[];
  /** Whether kubectl does join them now; otherwise it would, if somebody listed them so. */
  readonly isInUse: boolean;
};

/** A file that could not be read, and where it broke. */
export type UnreadableFile = { readonly path: string; readonly line: number; readonly reason: string };

/** What there is to look at, before anything is made of it. */
export type Sources = {
  readonly sets: readonly JoinedSet[];
  readonly unreadable: readonly UnreadableFile[];
  /** Those of this machine that could be read. */
  readonly profiles: readonly Profile[];
};

/** What the file system says; keys are absolute paths. */
export type MachineFacts = {
  /** Of kubeconfigs, token files and key files; a file that is not there is left out. */
  readonly access: ReadonlyMap<string, Access>;
  readonly tokenFiles: ReadonlyMap<string, TokenFacts>;
  /** Certificates in files of their own (PEM). */
  readonly certificates: ReadonlyMap<string, string>;
  /** Kubeconfigs that hold nothing, though this program left something in them, and the copies from before that. */
  readonly emptied: ReadonlyMap<string, string>;
  /** By `commandKey`. */
  readonly commands: ReadonlyMap<string, CommandFacts>;
  /** What the Konvoy plugin keeps, by the path of the file. */
  readonly konvoyTokens: ReadonlyMap<string, TokenFacts>;
  /** Without symbolic links; what is no link is left out. */
  readonly realPaths: ReadonlyMap<string, string>;
  /** Unix seconds. */
  readonly now: number;
};

export type CommandFacts = {
  /** Where it is; undefined: nowhere. */
  readonly file: string | undefined;
  readonly weakness: Weakness | undefined;
};

/** Finding a line costs a parse, so it is left until something is wrong. */
export type HeldToken = TokenFacts & { line(): number };

/** An entry of `users`, what it holds, and which clusters it is sent to. */
export type User = {
  readonly file: string;
  readonly entry: Entry;
  readonly exec: Exec | undefined;
  readonly plugin: Plugin | undefined;
  readonly tokens: readonly HeldToken[];
  /** Absolute, as client-go resolves it. */
  readonly tokenFile: string | undefined;
  readonly keyFile: string | undefined;
  readonly certificate: string | undefined;
  /** By identity; the names of the contexts that lead there. */
  readonly clusters: ReadonlyMap<string, readonly string[]>;
};

export type Landscape = Sources & {
  readonly machine: MachineFacts;
  readonly users: readonly User[];
};

export function filesOf({ sets }: Pick<Sources, 'sets'>): readonly Kubeconfig[] {
  return sets.flatMap(({ files }) => files);
}

/** As client-go has it: relative to the folder of the kubeconfig. */
export function resolveIn(kubeconfig: string, file: string): string {
  return path.resolve(path.dirname(kubeconfig), file);
}

export function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** A command without a slash is looked up in PATH, wherever the kubeconfig lies. */
export function commandKey(kubeconfig: string, command: string): string {
  return isBare(command) ? command : resolveIn(kubeconfig, command);
}

export function isBare(command: string): boolean {
  return !/[/\\]/.test(command);
}

export function surveyOf(sources: Sources, machine: MachineFacts): Landscape {
  return { ...sources, machine, users: sources.sets.flatMap(set => usersOf(set, machine)) };
}

type Draft = { readonly user: User; readonly clusters: Map<string, string[]> };

/**
 * A context's user and cluster are those of its own file; what its own file lacks, of the first file of the set that has it.
 * Where an earlier file of the set defines them otherwise, that is a finding of its own (SHADOWED_NAME).
 */
function usersOf(set: JoinedSet, machine: MachineFacts): User[] {
  const drafts = new Map<Entry, Draft>();
  const local = new Map(set.files.map(file => [file, indexOf([file])]));
  const joined = indexOf(set.files);
  for (const file of set.files) {
    for (const entry of file.entries) {
      if (entry.section === 'users') drafts.set(entry, draftOf(entry, file.path, machine));
    }
  }
  for (const file of set.files) {
    for (const context of file.entries) {
      if (context.section !== 'contexts') continue;
      const find = (section: Section, name: unknown) =>
        local.get(file)?.get(section)?.get(String(name)) ?? joined.get(section)?.get(String(name));
      const user = find('users', context.content['user']);
      const server = textOf(find('clusters', context.content['cluster'])?.content['server']);
      const draft = user && drafts.get(user);
      if (draft === undefined || server === undefined) continue;
      const identity = clusterIdentity(server);
      const contexts = draft.clusters.get(identity);
      if (contexts === undefined) draft.clusters.set(identity, [context.name]);
      else contexts.push(context.name);
    }
  }
  return [...drafts.values()].map(({ user }) => user);
}

type Index = ReadonlyMap<Section, ReadonlyMap<string, Entry>>;

function indexOf(files: readonly Kubeconfig[]): Index {
  const index = new Map<Section, Map<string, Entry>>([
    ['clusters', new Map()],
    ['contexts', new Map()],
    ['users', new Map()],
  ]);
  for (const { entries } of files) {
    for (const entry of entries) {
      const names = index.get(entry.section);
      if (!names?.has(entry.name)) names?.set(entry.name, entry);
    }
  }
  return index;
}

function draftOf(entry: Entry, file: string, machine: MachineFacts): Draft {
  const { content } = entry;
  const clusters = new Map<string, string[]>();
  const exec = execOf(content);
  const fileIn = (field: string) => {
    const value = textOf(content[field]);
    return value === undefined ? undefined : resolveIn(file, value);
  };
  const tokenFile = fileIn('tokenFile');
  const user: User = {
    file,
    entry,
    exec,
    plugin: exec && pluginOf(exec),
    tokens: tokensOf(entry, tokenFile, machine),
    tokenFile,
    keyFile: fileIn('client-key'),
    certificate: certificateOf(entry, fileIn('client-certificate'), machine),
    clusters,
  };
  return { user, clusters };
}

function tokensOf(entry: Entry, tokenFile: string | undefined, machine: MachineFacts): HeldToken[] {
  const { content } = entry;
  const tokens: HeldToken[] = [];
  const inline = textOf(content['token']);
  if (inline !== undefined) tokens.push({ ...factsOfToken(inline), line: () => entry.lineOf('token') });
  const read = tokenFile === undefined ? undefined : machine.tokenFiles.get(tokenFile);
  if (read !== undefined) tokens.push({ ...read, line: () => entry.lineOf('tokenFile') });
  // The auth-provider "oidc", which client-go still has.
  const provider = content['auth-provider'] as { config?: Record<string, unknown> } | null | undefined;
  const idToken = textOf(provider?.config?.['id-token']);
  if (idToken !== undefined) {
    const line = () => entry.lineOf('auth-provider', 'config', 'id-token');
    tokens.push({ ...factsOfToken(idToken), line });
  }
  return tokens;
}

function certificateOf(
  { content }: Entry,
  file: string | undefined,
  machine: MachineFacts,
): string | undefined {
  const data = textOf(content['client-certificate-data']);
  if (data !== undefined) return Buffer.from(data, 'base64').toString('utf8');
  return file === undefined ? undefined : machine.certificates.get(file);
}
