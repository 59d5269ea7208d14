import { UserError } from '../errors.ts';
import type { LoginAnswers } from '../login/answers.ts';
import type { ConnectContext } from '../login/connect.ts';
import { readInto, targetInto } from '../login/into.ts';
import { findPortalOf } from '../login/remembered.ts';
import { openTarget, type Target } from '../login/target.ts';
import type { LoginFlags } from './login-flags.ts';

const others = [
  'cluster',
  'allClusters',
  'output',
  'merge',
  'onConflict',
  'setCurrent',
  'server',
  'serverCaFile',
] as const satisfies readonly (keyof LoginFlags)[];

/**
 * What `--kubeconfig` and `--context` answer: the cluster, where to write, and which portal, if one that lists the cluster
 * was used before.
 * @throws UserError USAGE, KUBECONFIG_INVALID, TRUST_REFUSED, MISSING_ANSWERS
 */
export async function withKubeconfig(
  answers: LoginAnswers,
  flags: LoginFlags,
  context: ConnectContext,
): Promise<LoginAnswers> {
  const { kubeconfig: file } = flags;
  if (file === undefined) {
    if (flags.context !== undefined) throw usage('--context goes with --kubeconfig.');
    return answers;
  }
  const clash = others.find(name => flags[name] !== undefined);
  if (clash !== undefined) {
    throw usage(`--kubeconfig and ${dashed(clash)} do not go together: the file says the cluster.`);
  }
  if (flags.method !== undefined && flags.method !== 'token') {
    throw usage('With --kubeconfig, --method can only be token; without it, the user gets an exec entry.');
  }
  const into = await readInto(file, flags.context, context.env);
  const { server } = into.cluster;
  const { issuer, link, proxy } = answers;
  const isSaid = link !== undefined || issuer?.portalFile !== undefined || issuer?.issuer !== undefined;
  const found = isSaid ? link : await findPortalOf(server, proxy, context);
  return {
    ...answers,
    ...(found !== undefined && { link: found }),
    clusters: [server],
    method: flags.method === 'token' ? 'token' : '2',
    into,
  };
}

/**
 * Reaches what the answers name, as the file has it.
 * @throws UserError TRUST_REFUSED when the file trusts another authority than the portal names
 */
export async function openTargetFor(answers: LoginAnswers, context: ConnectContext): Promise<Target> {
  const target = await openTarget(answers, context);
  if (answers.into === undefined) return target;
  try {
    return targetInto(answers.into, target);
  } catch (error) {
    await target.portal.close();
    throw error;
  }
}

const dashed = (name: string) => `--${name.replace(/[A-Z]/g, letter => `-${letter.toLowerCase()}`)}`;

function usage(message: string): UserError {
  return new UserError('USAGE', message, { hint: 'See dkp-auth login --help.' });
}
