import path from 'node:path';
import { emptiedSince } from '../kubeconfig/backup.ts';
import type { Kubeconfig } from '../kubeconfig/read.ts';
import { listFolder, readTextFile } from '../system/files.ts';
import {
  type Access,
  createWeaknessFinder,
  inspectAccess,
  isExecutableFile,
  realPath,
  type WeaknessFinder,
} from '../system/inspect.ts';
import { type Environment, homeDirectory } from '../system/paths.ts';
import { type CommandFacts, commandKey, isBare, type MachineFacts, resolveIn, textOf } from './landscape.ts';
import { execOf } from './plugin.ts';
import { factsOfToken, type TokenFacts } from './token-claims.ts';

const largestTokenFile = 200_000;

type References = {
  readonly tokenFiles: ReadonlySet<string>;
  readonly keyFiles: ReadonlySet<string>;
  readonly certificates: ReadonlySet<string>;
  readonly commands: ReadonlySet<string>;
};

/** Looks at everything that the kubeconfigs name on this machine, one after the other: there may be thousands. */
export async function inspectMachine(files: readonly Kubeconfig[], env: Environment): Promise<MachineFacts> {
  const references = referencesOf(files);
  const konvoyTokens = await readKonvoyTokens(env);
  const access = new Map<string, Access>();
  const emptied = new Map<string, string>();
  for (const file of files) {
    const copy = await emptiedSince(file.path, file.text).catch(() => undefined);
    if (copy !== undefined) emptied.set(file.path, copy.path);
  }
  const realPaths = new Map<string, string>();
  const looked = [
    ...files.map(file => file.path),
    ...references.tokenFiles,
    ...references.keyFiles,
    ...konvoyTokens.keys(),
  ];
  for (const file of new Set(looked)) {
    const found = await inspectAccess(file);
    if (found !== undefined) access.set(file, found);
    const real = await realPath(file);
    if (real !== file) realPaths.set(file, real);
  }
  const tokenFiles = new Map<string, TokenFacts>();
  for (const file of references.tokenFiles) {
    const text = await readOrNothing(file);
    if (text !== undefined) tokenFiles.set(file, factsOfToken(text.trim()));
  }
  const certificates = new Map<string, string>();
  for (const file of references.certificates) {
    const text = await readOrNothing(file);
    if (text !== undefined) certificates.set(file, text);
  }
  const commands = new Map<string, CommandFacts>();
  const finder = createWeaknessFinder();
  for (const command of references.commands)
    commands.set(command, await inspectCommand(command, finder, env));
  return {
    access,
    realPaths,
    tokenFiles,
    certificates,
    emptied,
    commands,
    konvoyTokens,
    now: Date.now() / 1000,
  };
}

function referencesOf(files: readonly Kubeconfig[]): References {
  const found = {
    tokenFiles: new Set<string>(),
    keyFiles: new Set<string>(),
    certificates: new Set<string>(),
    commands: new Set<string>(),
  };
  for (const { path: file, entries } of files) {
    for (const { section, content } of entries) {
      if (section !== 'users') continue;
      const add = (set: Set<string>, field: string) => {
        const value = textOf(content[field]);
        if (value !== undefined) set.add(resolveIn(file, value));
      };
      add(found.tokenFiles, 'tokenFile');
      add(found.keyFiles, 'client-key');
      add(found.certificates, 'client-certificate');
      const exec = execOf(content);
      if (exec !== undefined) found.commands.add(commandKey(file, exec.command));
    }
  }
  return found;
}

async function readOrNothing(file: string): Promise<string | undefined> {
  return readTextFile(file, largestTokenFile).catch(() => undefined);
}

/** Where the Konvoy plugin keeps an ExecCredential for each profile, and one for whoever has none. */
async function readKonvoyTokens(env: Environment): Promise<Map<string, TokenFacts>> {
  const folder = path.join(homeDirectory(env), '.kube', 'konvoy', 'tokens');
  const names = await listFolder(folder).catch(() => []);
  const files = names.map(name => path.join(folder, name, 'token'));
  const tokens = new Map<string, TokenFacts>();
  for (const file of [path.join(folder, 'token'), ...files]) {
    const token = tokenIn(await readOrNothing(file));
    if (token !== undefined) tokens.set(file, factsOfToken(token));
  }
  return tokens;
}

function tokenIn(text: string | undefined): string | undefined {
  try {
    return textOf(JSON.parse(text ?? '').status?.token);
  } catch {
    return undefined;
  }
}

async function inspectCommand(
  command: string,
  finder: WeaknessFinder,
  env: Environment,
): Promise<CommandFacts> {
  if (!isBare(command)) {
    const file = (await isExecutableFile(command)) ? command : undefined;
    return { file, weakness: await finder.ofFile(command) };
  }
  const extensions = process.platform === 'win32' ? ['', '.exe', '.cmd', '.bat'] : [''];
  for (const folder of (env['PATH'] ?? '').split(path.delimiter)) {
    // Go's LookPath takes nothing that the current folder has.
    if (!path.isAbsolute(folder)) continue;
    for (const extension of extensions) {
      const file = path.join(folder, command + extension);
      if (await isExecutableFile(file)) return { file, weakness: await finder.ofFile(file) };
    }
    // Whoever can write to a folder that comes first puts the program there.
    const weakness = await finder.ofFolder(folder);
    if (weakness !== undefined) return { file: await findLater(command, env), weakness };
  }
  return { file: undefined, weakness: undefined };
}

async function findLater(command: string, env: Environment): Promise<string | undefined> {
  for (const folder of (env['PATH'] ?? '').split(path.delimiter)) {
    const file = path.join(folder, command);
    if (path.isAbsolute(folder) && (await isExecutableFile(file))) return file;
  }
  return undefined;
}
