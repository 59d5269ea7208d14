import type { Profile } from '../profiles/profile.ts';
import { shellQuote } from './summary.ts';

/** The command that writes a profile's kubeconfig again, and signs in on the way. */
export function repeatLogin(profile: Profile): string {
  const { portal, client, cluster, identityProvider, signIn } = profile;
  const args = ['dkp-auth', 'login'];
  if (portal.loginLink !== undefined) args.push(portal.loginLink);
  if (client !== undefined) args.push(...client.flags);
  // Where a kubeconfig says the cluster, it also says where to write.
  const isInto = client?.flags.includes('--kubeconfig') === true;
  if (!isInto) args.push('--cluster', portal.loginLink === undefined ? cluster.name : cluster.server);
  if (identityProvider !== undefined) args.push('--idp', identityProvider);
  if (signIn !== 'portal') args.push('--sign-in', signIn);
  if (!isInto) args.push('--method', '2');
  args.push('--profile', profile.name);
  return args.map(shellQuote).join(' ');
}
