import path from 'node:path';
import type { IdToken } from '../credentials/id-token.ts';
import { UserError } from '../errors.ts';
import { kubeconfigDiff } from '../kubeconfig/diff.ts';
import type { EntryUser, KubeconfigEntry } from '../kubeconfig/entry.ts';
import { putIntoContext } from '../kubeconfig/into-context.ts';
import type { Launcher } from '../kubeconfig/launcher.ts';
import type { Layout } from '../kubeconfig/layout.ts';
import { type Merged, mergeEntries } from '../kubeconfig/merge.ts';
import { fileForNew, kubectlFiles } from '../kubeconfig/precedence.ts';
import { readLayout } from '../kubeconfig/write.ts';
import { formatLoginLink } from '../portal/login-link.ts';
import type { Profile } from '../profiles/profile.ts';
import type { ProfileName } from '../profiles/profile-name.ts';
import { isBoundTo, profileTaken, readProfile } from '../profiles/registry.ts';
import { type Environment, expandPath, type Paths } from '../system/paths.ts';
import type { Choice, LoginOptions } from './options.ts';

/** Kubeconfigs that kubectl reads together, and what goes into them. */
export type Target = {
  readonly files: readonly string[];
  readonly choices: readonly Choice[];
  /** The same again changes nothing. @param tokens are needed for the token method only */
  merge(layouts: readonly Layout[], tokens: ReadonlyMap<ProfileName, IdToken>): Merged;
};

export type PlannedFile = {
  readonly path: string;
  readonly action: 'create' | 'update';
  /** Whether an update finds all as it should be. */
  readonly isUnchanged: boolean;
  readonly choices: readonly Choice[];
  /** What the contexts of those are called in it. */
  readonly contexts: readonly string[];
  /** The context kubectl uses when none is named. */
  readonly currentContext: string | undefined;
  /** The file's new content. */
  render(tokens: ReadonlyMap<ProfileName, IdToken>): string;
  /** What changes, as a unified diff without credentials. */
  diff(): string;
};

/** What a login would change on disk, computed without changing anything. */
export type Plan = {
  readonly targets: readonly Target[];
  readonly files: readonly PlannedFile[];
  readonly profiles: readonly Profile[];
};

export type PlanContext = { readonly paths: Paths; readonly env: Environment; readonly launcher: Launcher };

/**
 * @throws UserError PROFILE_TAKEN, KUBECONFIG_CONFLICT, KUBECONFIG_SHARED_USER, KUBECONFIG_INVALID, USAGE
 */
export async function planLogin(options: LoginOptions, context: PlanContext): Promise<Plan> {
  assertDistinctNames(options.choices);
  const existing = new Map<ProfileName, Profile>();
  for (const { profile, cluster } of options.choices) {
    const found = await readProfile(context.paths, profile);
    if (found === undefined) continue;
    const { link } = options.portal;
    const installation = link === undefined ? cluster.issuer : formatLoginLink(link);
    if (!isBoundTo(found, cluster.server, installation)) throw profileTaken(found);
    existing.set(profile, found);
  }
  const targets: Target[] = [];
  const files: PlannedFile[] = [];
  for (const [among, choices] of destinations(options, context)) {
    const layouts = await Promise.all(among.map(file => readLayout(file)));
    const target = targetOf(layouts, choices, options, existing, context);
    targets.push(target);
    files.push(...filesOf(target, layouts));
  }
  const profiles = options.choices.map(choice => profileOf(choice, options, files));
  return { targets, files, profiles };
}

function assertDistinctNames(choices: readonly Choice[]): void {
  const owners = new Map<ProfileName, Choice>();
  for (const choice of choices) {
    const owner = owners.get(choice.profile);
    if (owner !== undefined) {
      throw new UserError(
        'PROFILE_TAKEN',
        `The profile name "${choice.profile}" is given to two clusters: ${owner.cluster.name} and ${choice.cluster.name}.`,
        { hint: 'A profile serves one cluster, always. Give each cluster a name of its own.' },
      );
    }
    owners.set(choice.profile, choice);
  }
}

const looksLikeFile = /\.(ya?ml|conf|config|kubeconfig)$/;

/** Files that are read together, and the choices that go into them. */
function destinations(options: LoginOptions, { paths, env }: PlanContext): [readonly string[], Choice[]][] {
  const { choices, method, portal } = options;
  const output = options.output === undefined ? undefined : expandPath(options.output, env);
  if (options.into !== undefined) return [[[options.into.file], [...choices]]];
  if (options.merge) return [[output === undefined ? kubectlFiles(env) : [output], [...choices]]];
  if (method === '1') {
    return [[[output ?? path.join(paths.kubeconfigs, `${portal.name}.yaml`)], [...choices]]];
  }
  if (output !== undefined && looksLikeFile.test(output)) {
    if (choices.length > 1) {
      throw new UserError(
        'USAGE',
        `--output ${options.output} is one file, but there are ${choices.length} clusters.`,
        {
          hint: 'Name a folder: each cluster gets a file of its own in it.',
        },
      );
    }
    return choices.map(choice => [[output], [choice]]);
  }
  const folder = output ?? paths.kubeconfigs;
  return choices.map(choice => [[path.join(folder, `${choice.profile}.yaml`)], [choice]]);
}

type Found = Layout & { readonly exists: boolean };

function targetOf(
  found: readonly Found[],
  choices: readonly Choice[],
  options: LoginOptions,
  existing: ReadonlyMap<ProfileName, Profile>,
  context: PlanContext,
): Target {
  const rules = {
    onConflict: options.onConflict ?? 'fail',
    forNew: fileForNew(found),
    isKnown: (profile: ProfileName, file: string) =>
      existing.get(profile)?.kubeconfigs.includes(file) ?? false,
    setCurrent: contextToSet(found, choices, options),
  };
  const files = found.map(({ path: file }) => file);
  const { into } = options;
  if (into !== undefined) {
    const [choice] = choices;
    return {
      files,
      choices,
      merge: ([layout], tokens) => {
        if (layout === undefined || choice === undefined)
          throw new Error('a context without a file or a cluster');
        return putIntoContext(layout, into.context, entryOf(choice, options, tokens, context));
      },
    };
  }
  return {
    files,
    choices,
    merge: (layouts, tokens) =>
      mergeEntries(
        layouts,
        choices.map(choice => entryOf(choice, options, tokens, context)),
        rules,
      ),
  };
}

/** The files that hold, or will hold, something of ours. */
function filesOf(target: Target, found: readonly Found[]): PlannedFile[] {
  const { layouts, placed } = target.merge(found, new Map());
  const current = layouts.map(currentContextOf).find(name => name !== undefined);
  return layouts.flatMap((layout, index) => {
    const { exists = false, text: before = '' } = found[index] ?? {};
    const choices = target.choices.filter(({ profile }) => placed.get(profile)?.path === layout.path);
    if (choices.length === 0 && layout.text === before) return [];
    return [
      {
        path: layout.path,
        action: exists ? 'update' : 'create',
        isUnchanged: exists && layout.text === before,
        choices,
        contexts: choices.map(({ profile }) => placed.get(profile)?.context ?? profile),
        currentContext: current,
        render: tokens => target.merge(found, tokens).layouts[index]?.text ?? '',
        diff: () =>
          kubeconfigDiff({ path: layout.path, before: exists ? before : undefined, after: layout.text }),
      },
    ];
  });
}

function currentContextOf({ keys }: Layout): string | undefined {
  const name = keys.find(({ key }) => key === 'current-context')?.value;
  return typeof name === 'string' && name !== '' ? name : undefined;
}

// A file that is all ours starts with a context, or kubectl would talk to localhost; anybody else's choice stays.
function contextToSet(
  found: readonly Found[],
  choices: readonly Choice[],
  { setCurrent }: LoginOptions,
): ProfileName | undefined {
  if (setCurrent !== undefined && choices.some(choice => choice.profile === setCurrent)) return setCurrent;
  return found.some(({ exists }) => exists) ? undefined : choices[0]?.profile;
}

function entryOf(
  { cluster, profile }: Choice,
  { method, portable }: LoginOptions,
  tokens: ReadonlyMap<ProfileName, IdToken>,
  { launcher }: PlanContext,
): KubeconfigEntry {
  const token = tokens.get(profile);
  const user: EntryUser =
    method === 'token'
      ? { kind: 'token', token: token?.token ?? '', expiresAt: token?.expiresAt ?? 0 }
      : launcher(profile, portable);
  return { profile, server: cluster.server, ca: cluster.ca, user };
}

function profileOf(choice: Choice, options: LoginOptions, files: readonly PlannedFile[]): Profile {
  const { cluster, profile, signIn } = choice;
  const { portal, identityProvider, issuerLogin } = options;
  return {
    version: 1,
    name: profile,
    cluster: {
      name: cluster.name,
      server: cluster.server,
      ...(cluster.ca !== undefined && { ca: cluster.ca }),
      hostname: cluster.hostname,
    },
    issuer: cluster.issuer,
    portal: {
      ...(portal.link && { loginLink: formatLoginLink(portal.link) }),
      ...(portal.trust.kind === 'authority' && { ca: portal.trust.pem }),
    },
    ...(identityProvider !== undefined && { identityProvider }),
    signIn,
    ...(issuerLogin && choice.audience && { client: issuerLogin.settings, audience: choice.audience }),
    kubeconfigs: files.filter(file => file.choices.includes(choice)).map(file => file.path),
  };
}
