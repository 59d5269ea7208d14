import path from 'node:path';
import * as v from 'valibot';
import { parse } from 'yaml';
import { launcher } from '../../kubeconfig/launcher.ts';
import { parseProfileName } from '../../profiles/profile-name.ts';
import { readTextFile } from '../../system/files.ts';
import { type Environment, homeDirectory, tildePath } from '../../system/paths.ts';
import { runQuietly } from '../../system/run-quietly.ts';
import { findOnPath } from '../../system/survey.ts';
import { plainText } from '../../text.ts';
import { type Check, fault, type Outcome, ok, warning } from '../check.ts';

/** client.authentication.k8s.io/v1, with provideClusterInfo and interactiveMode, is stable since Kubernetes 1.22. */
const oldestMinor = 22;

const versionSchema = v.object({
  clientVersion: v.object({ major: v.string(), minor: v.string(), gitVersion: v.string() }),
});

/** kubectl itself, and whether it lets plugins run. */
export function kubectlChecks(env: Environment): Check[] {
  return [
    { key: 'kubectl', id: 'kubectl', limitMs: 6_000, run: signal => checkKubectl(env, signal) },
    { key: 'kuberc', id: 'kuberc', run: () => checkKuberc(env) },
  ];
}

async function checkKubectl(env: Environment, signal: AbortSignal): Promise<Outcome> {
  const [kubectl] = await findOnPath('kubectl', env);
  if (kubectl === undefined) {
    return fault(
      'there is no kubectl on PATH',
      'Install it, or add its folder to PATH: https://kubernetes.io/docs/tasks/tools/',
    );
  }
  const ran = await runQuietly(kubectl, ['version', '--client', '--output=json'], { env, signal });
  const version = ran.kind === 'ended' ? parseVersion(ran.stdout) : undefined;
  const file = tildePath(kubectl, env);
  if (version === undefined) {
    return fault(`${file} does not tell its version`, 'Run kubectl version --client and see what it says.');
  }
  const { major, minor, gitVersion } = version;
  const seen = `${plainText(gitVersion, 60)} at ${file}`;
  if (Number(major) > 1 || Number.parseInt(minor, 10) >= oldestMinor) return ok(seen);
  return fault(
    `${seen} is too old for the plugin protocol that the kubeconfigs use`,
    `Install kubectl 1.${oldestMinor} or newer.`,
  );
}

function parseVersion(text: string) {
  try {
    return v.parse(versionSchema, JSON.parse(text)).clientVersion;
  } catch {
    return undefined;
  }
}

const kubercSchema = v.object({
  credentialPluginPolicy: v.nullish(v.string()),
  credentialPluginAllowlist: v.nullish(
    v.array(v.looseObject({ name: v.nullish(v.string()), command: v.nullish(v.string()) })),
  ),
});

/** kubectl 1.35 and newer can forbid credential plugins (kuberc, `credentialPluginPolicy`). */
async function checkKuberc(env: Environment): Promise<Outcome> {
  const named = env['KUBERC'];
  if (named === 'off' || env['KUBECTL_KUBERC'] === 'false') return ok('is turned off');
  const file = named || path.join(homeDirectory(env), '.kube', 'kuberc');
  const text = await readTextFile(file, 1_000_000);
  if (text === undefined) return ok('there is none, so kubectl runs every plugin');
  const shown = tildePath(file, env);
  let policy: v.InferOutput<typeof kubercSchema>;
  try {
    policy = v.parse(kubercSchema, parse(text, { logLevel: 'error' }));
  } catch {
    return warning(`${shown} cannot be read`, 'kubectl reads it too, and warns. Mend it.');
  }
  const { command } = launcher(parseProfileName('any'));
  switch (policy.credentialPluginPolicy) {
    case 'DenyAll':
      return fault(
        `${shown} forbids all credential plugins (credentialPluginPolicy: DenyAll)`,
        `Set credentialPluginPolicy: Allowlist with an entry for ${command}.`,
      );
    case 'Allowlist': {
      const entries = (policy.credentialPluginAllowlist ?? []).map(entry => entry.name ?? entry.command);
      if (await isListed(entries, command, env)) return ok(`${shown} allows dkp-auth`);
      return fault(
        `${shown} allows some credential plugins, and dkp-auth is not among them`,
        `Add it to credentialPluginAllowlist: - command: ${command} (kubectl 1.35 calls the field "name").`,
      );
    }
    default:
      return ok(`${shown} lets credential plugins run`);
  }
}

/** As client-go has it (plugin/pkg/client/auth/exec): by the path itself, or by a name that PATH leads to the same file. */
async function isListed(
  entries: readonly (string | null | undefined)[],
  command: string,
  env: Environment,
): Promise<boolean> {
  if (entries.includes(command)) return true;
  if (!entries.includes(path.basename(command))) return false;
  const [found] = await findOnPath(path.basename(command), env);
  return found === command;
}
