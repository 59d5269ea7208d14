import { parentArguments } from '../system/parent-process.ts';
import type { Environment } from '../system/paths.ts';
import { type KubeconfigsInPlay, kubeconfigsInPlay } from './in-play.ts';
import { type KonvoyContext, konvoyContexts } from './served.ts';

/** What the kubeconfigs in play tell. */
export type KonvoySurroundings = KubeconfigsInPlay & { readonly contexts: readonly KonvoyContext[] };

export async function lookAround(env: Environment): Promise<KonvoySurroundings> {
  const inPlay = await kubeconfigsInPlay(env, await parentArguments());
  return { ...inPlay, contexts: await konvoyContexts(inPlay.kubeconfigs) };
}
