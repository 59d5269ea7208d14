import { formatExecCredential } from '../credentials/exec-answer.ts';
import { parseExecInfo } from '../credentials/exec-credential.ts';
import { konvoyUsage, parseKonvoyArguments } from '../konvoy/arguments.ts';
import { bindingOf } from '../konvoy/binding.ts';
import type { KonvoySurroundings } from '../konvoy/surroundings.ts';
import { isGood, placeOf, readKonvoyToken } from '../konvoy/tokens.ts';
import { warnOfSharing } from '../konvoy/warning.ts';
import { pathsOf } from '../system/paths.ts';
import { canAsk, type Streams, write } from '../system/streams.ts';

/**
 * Stands in for the plugin that kubeconfigs of the platform name: an ExecCredential on stdout or nothing, everything else
 * on stderr. Standard input is never read.
 */
export async function konvoyAsyncPlugin(
  args: readonly string[],
  streams: Streams,
  signal: AbortSignal,
): Promise<void> {
  const request = parseKonvoyArguments(args);
  if (request === undefined) return write(streams.stderr, `${konvoyUsage}\n`);
  const info = parseExecInfo(streams.env['KUBERNETES_EXEC_INFO']);
  const paths = pathsOf(streams.env);
  let seen: Promise<KonvoySurroundings> | undefined;
  const surroundings = async () => {
    // Reading YAML is for the calls that have to.
    seen ??= import('../konvoy/surroundings.ts').then(({ lookAround }) => lookAround(streams.env));
    return seen;
  };
  const binding = await bindingOf(request, info, surroundings);
  const place = placeOf(paths, request, binding);
  const kept = await readKonvoyToken(place);
  await warnOfSharing(place, binding, streams, signal);
  let token = kept !== undefined && isGood(kept) ? kept : undefined;
  if (token === undefined) {
    const { obtainKonvoyToken } = await import('../konvoy/obtain.ts');
    const maySignIn = info === undefined ? canAsk(streams) : info.interactive;
    const call = { request, binding, place, surroundings: await surroundings(), maySignIn };
    token = await obtainKonvoyToken(call, { paths, streams, signal });
  }
  await write(streams.stdout, `${formatExecCredential(token, info?.apiVersion)}\n`);
}
