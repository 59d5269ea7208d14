import { UserError } from '../errors.ts';
import { launcher } from '../kubeconfig/launcher.ts';
import { kubectlFiles } from '../kubeconfig/precedence.ts';
import { readLayout } from '../kubeconfig/write.ts';
import { logOut } from '../login/log-out.ts';
import { findImports } from '../profile-changes/find-imports.ts';
import { importProfiles } from '../profile-changes/import.ts';
import { planRemoval, removeProfile } from '../profile-changes/remove.ts';
import { type ChangeContext, renameProfile } from '../profile-changes/rename.ts';
import { parseProfileName } from '../profiles/profile-name.ts';
import { findProfile, listProfiles } from '../profiles/registry.ts';
import { withSettings } from '../settings/resolve.ts';
import { askAtTerminal } from '../sign-in/prompt.ts';
import { expandPath, pathsOf, tildePath } from '../system/paths.ts';
import { canAsk, type Streams, write } from '../system/streams.ts';
import { plainText } from '../text.ts';

type JsonFlag = { readonly json?: boolean };

const toJson = (document: unknown) => `${JSON.stringify(document, undefined, 2)}\n`;

function contextOf({ env, stderr }: Streams, signal: AbortSignal): ChangeContext {
  return { paths: pathsOf(env), signal, onNotice: message => void stderr.write(`${message}\n`) };
}

export async function profilesList({ json }: JsonFlag, { env, stdout }: Streams): Promise<void> {
  const profiles = await listProfiles(pathsOf(env));
  if (json) {
    const rows = profiles.map(({ name, cluster, kubeconfigs }) => ({
      name,
      cluster: cluster.name,
      server: cluster.server,
      kubeconfigs,
    }));
    return write(stdout, toJson({ profiles: rows }));
  }
  const width = Math.max(0, ...profiles.map(({ name }) => name.length));
  const lines = profiles.map(
    ({ name, cluster }) => `${name.padEnd(width)}  ${plainText(cluster.name)} (${cluster.server})\n`,
  );
  await write(stdout, lines.join('') || 'There is no profile on this machine yet. Run dkp-auth login.\n');
}

export async function profilesRename(
  from: string,
  to: string,
  { json }: JsonFlag,
  streams: Streams,
  signal: AbortSignal,
): Promise<void> {
  const { env, stdout } = streams;
  const context = contextOf(streams, signal);
  const profile = findProfile(await listProfiles(context.paths), parseProfileName(from));
  const name = parseProfileName(to);
  if (name === profile.name)
    throw new UserError('USAGE', `The profile is called "${name}" already.`, { hint: 'Give another name.' });
  const { written, missing } = await renameProfile(profile, name, context);
  const files = written.map(({ path }) => path);
  if (json) return write(stdout, toJson({ name, former: profile.name, kubeconfigs: files, missing }));
  const shown = (file: string) => tildePath(plainText(file, 500), env);
  const lines = [
    `"${profile.name}" is called "${name}" now.`,
    ...files.map(file => `  ${shown(file)} says so too; a copy of it as it was lies beside it.`),
    ...missing.map(file => `  ${shown(file)} is not there any more.`),
    ...(files.length === 0
      ? []
      : [`Files keep their names. Switch with: kubectl config use-context ${name}`]),
  ];
  await write(stdout, `${lines.join('\n')}\n`);
}

export async function profilesRemove(
  names: readonly string[],
  { yes, json }: JsonFlag & { readonly yes?: boolean },
  given: Streams,
  signal: AbortSignal,
): Promise<void> {
  const context = contextOf(given, signal);
  const { paths } = context;
  const streams = await withSettings(given, paths);
  const { env, stdout, stderr } = streams;
  const everyone = await listProfiles(paths);
  const profiles = [...new Set(names)].map(name => findProfile(everyone, parseProfileName(name)));
  const plans = await Promise.all(
    profiles.map(async profile => ({ profile, files: await planRemoval(profile, context) })),
  );
  if (!yes) {
    const lines = plans.flatMap(({ profile, files }) => [
      `${profile.name} -> ${plainText(profile.cluster.name)}: profile, token and login go.`,
      ...files.map(({ path, action }) => `  ${tildePath(plainText(path, 500), env)}: ${fileWords[action]}`),
    ]);
    await confirm(lines, streams, signal);
  }
  const revocations = new Map<string, string>();
  for (const { profile, files } of plans) {
    // One after the other, as the sessions that they share need it.
    const left = (await listProfiles(paths)).filter(
      ({ name }) => name === profile.name || !revocations.has(name),
    );
    const [outcome] = await logOut([profile], left, { paths, streams, signal });
    revocations.set(profile.name, outcome?.session.kind ?? 'no-session');
    if (outcome?.session.kind === 'not-revoked') {
      await write(
        stderr,
        `${profile.name}: the login was not ended at the issuer: ${outcome.session.why}.\n`,
      );
    }
    await removeProfile(profile, files, context);
  }
  if (json) {
    const rows = plans.map(({ profile, files }) => ({
      name: profile.name,
      session: revocations.get(profile.name),
      kubeconfigs: files,
    }));
    return write(stdout, toJson({ removed: rows }));
  }
  await write(stdout, `Removed: ${profiles.map(({ name }) => name).join(', ')}.\n`);
}

const fileWords = {
  edit: 'its entries go, all else stays, and a copy is kept',
  delete: 'goes; nothing else is in it',
};

async function confirm(lines: readonly string[], streams: Streams, signal: AbortSignal): Promise<void> {
  if (!canAsk(streams)) {
    throw new UserError('MISSING_ANSWERS', 'This removes files or parts of them, and nobody can be asked.', {
      hint: `Give --yes to do this:\n${lines.join('\n')}`,
    });
  }
  await write(streams.stderr, `${lines.join('\n')}\n`);
  const answer = await askAtTerminal('Remove? [y/N] ', streams, { signal });
  if (/^y(es)?$/i.test(answer.trim())) return;
  throw new UserError('CANCELLED', 'Nothing was removed.');
}

export async function profilesImport(
  files: readonly string[],
  { dryRun = false, json }: JsonFlag & { readonly dryRun?: boolean },
  given: Streams,
  signal: AbortSignal,
): Promise<void> {
  const context = contextOf(given, signal);
  const { env, stdout } = await withSettings(given, context.paths);
  const sources = files.length > 0 ? files.map(file => expandPath(file, env)) : kubectlFiles(env);
  const layouts = await Promise.all(sources.map(file => readLayout(file)));
  const absent = layouts.find(({ exists }) => !exists);
  if (files.length > 0 && absent !== undefined)
    throw new UserError('IO', `There is no file ${absent.path}.`, { hint: 'Check its name.' });
  const found = await findImports(layouts);
  const { imported, skipped } = await importProfiles(found.candidates, { ...context, env, launcher, dryRun });
  const all = [...found.skipped, ...skipped];
  if (json) {
    const rows = imported.map(({ profile, contexts, notes }) => ({
      name: profile.name,
      server: profile.cluster.server,
      issuer: profile.issuer,
      signIn: profile.signIn,
      kubeconfig: profile.kubeconfigs[0] ?? null,
      contexts,
      notes,
    }));
    return write(stdout, toJson({ imported: rows, skipped: all, dryRun }));
  }
  const lines = imported.flatMap(({ profile, contexts, notes }) => [
    `${profile.name} -> ${plainText(profile.cluster.name)} (${profile.cluster.server}), from ${contexts.map(name => plainText(name)).join(', ')}`,
    ...notes.map(note => `  ${note}`),
    ...profile.kubeconfigs.map(file => `  ${tildePath(file, env)}`),
  ]);
  lines.push(...all.map(({ context: name, why }) => `Left out: ${plainText(name)}, because ${why}.`));
  if (imported.length === 0)
    lines.push(`Nothing to take over was found in ${sources.map(file => tildePath(file, env)).join(', ')}.`);
  else if (dryRun) lines.push('Nothing was written.');
  else
    lines.push(
      'The kubeconfigs they came from are as they were. Sign in with: dkp-auth login --profile NAME',
    );
  await write(stdout, `${lines.join('\n')}\n`);
}
