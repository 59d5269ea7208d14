import path from 'node:path';
import type { IdToken } from '../credentials/id-token.ts';
import { UserError } from '../errors.ts';
import {
  currentContext,
  formatKubeconfig,
  newKubeconfig,
  parseKubeconfig,
  putEntries,
  setCurrentContext,
} from '../kubeconfig/document.ts';
import type { EntryUser, KubeconfigEntry } from '../kubeconfig/entry.ts';
import type { Launcher } from '../kubeconfig/launcher.ts';
import { formatLoginLink } from '../portal/login-link.ts';
import type { Profile } from '../profiles/profile.ts';
import type { ProfileName } from '../profiles/profile-name.ts';
import { isBoundTo, profileTaken, readProfile } from '../profiles/registry.ts';
import { readTextFile } from '../system/files.ts';
import { type Environment, expandPath, type Paths } from '../system/paths.ts';
import type { Choice, LoginOptions } from './options.ts';

export type PlannedFile = {
  readonly path: string;
  readonly action: 'create' | 'update';
  readonly choices: readonly Choice[];
  /** The context kubectl uses in this file when none is named. */
  readonly currentContext: string | undefined;
  /** The file's new content; tokens are needed for the token method only. */
  render(tokens: ReadonlyMap<ProfileName, IdToken>): string;
};

/** What a login would change on disk, computed without changing anything. */
export type Plan = { readonly files: readonly PlannedFile[]; readonly profiles: readonly Profile[] };

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
  const files: PlannedFile[] = [];
  for (const [file, choices] of targets(options, context)) {
    files.push(await planFile(file, choices, options, existing, context));
  }
  const profiles = options.choices.map(choice => profileOf(choice, options, files));
  return { files, profiles };
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

function targets(options: LoginOptions, { paths, env }: PlanContext): [string, Choice[]][] {
  const { choices, method, portal } = options;
  const output = options.output === undefined ? undefined : expandPath(options.output, env);
  if (method === '1') {
    return [[output ?? path.join(paths.kubeconfigs, `${portal.name}.yaml`), [...choices]]];
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
    return choices.map(choice => [output, [choice]]);
  }
  const folder = output ?? paths.kubeconfigs;
  return choices.map(choice => [path.join(folder, `${choice.profile}.yaml`), [choice]]);
}

async function planFile(
  file: string,
  choices: readonly Choice[],
  options: LoginOptions,
  existing: ReadonlyMap<ProfileName, Profile>,
  context: PlanContext,
): Promise<PlannedFile> {
  const before = await readTextFile(file);
  const isKnown = (profile: ProfileName) => existing.get(profile)?.kubeconfigs.includes(file) ?? false;
  const build = (tokens: ReadonlyMap<ProfileName, IdToken>) => {
    const document = before === undefined ? newKubeconfig() : parseKubeconfig(before, file);
    const entries = choices.map(choice => entryOf(choice, options, tokens, context));
    putEntries(document, entries, file, isKnown);
    const wanted = contextToSet(choices, options, currentContext(document), before === undefined);
    if (wanted !== undefined) setCurrentContext(document, wanted);
    return document;
  };
  const preview = build(new Map());
  return {
    path: file,
    action: before === undefined ? 'create' : 'update',
    choices,
    currentContext: currentContext(preview),
    render: tokens => formatKubeconfig(build(tokens)),
  };
}

// A file that is all ours starts with a context, or kubectl would talk to localhost; anybody else's choice stays.
function contextToSet(
  choices: readonly Choice[],
  { setCurrent }: LoginOptions,
  current: string | undefined,
  created: boolean,
): ProfileName | undefined {
  if (setCurrent !== undefined && choices.some(choice => choice.profile === setCurrent)) return setCurrent;
  return created && current === undefined ? choices[0]?.profile : undefined;
}

function entryOf(
  { cluster, profile }: Choice,
  { method }: LoginOptions,
  tokens: ReadonlyMap<ProfileName, IdToken>,
  { launcher }: PlanContext,
): KubeconfigEntry {
  const token = tokens.get(profile);
  const user: EntryUser =
    method === 'token'
      ? { kind: 'token', token: token?.token ?? '', expiresAt: token?.expiresAt ?? 0 }
      : launcher(profile);
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
