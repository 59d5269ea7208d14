import { inspectServerCertificates } from './certificates.ts';
import { mapLimited } from './limited.ts';
import type { Proxies } from './proxy.ts';

export type ProbeOptions = {
  readonly signal: AbortSignal;
  readonly proxies?: Proxies | undefined;
  /** Told now and then what has been found since the last time. */
  readonly onAnswers: (answers: ReadonlyMap<string, boolean>) => void;
};

const atOnce = 8;
const patienceMs = 4000;
const tellEveryMs = 250;
/** Knocking at thousands of doors is not what somebody asked for who opened a list. */
const mostProbed = 500;

/**
 * Whether servers answer: a TLS handshake with each, in which no certificate of ours, no token and no request is sent.
 * @param servers https addresses
 */
export async function probeServers(
  servers: readonly string[],
  { signal, proxies, onAnswers }: ProbeOptions,
): Promise<void> {
  let found = new Map<string, boolean>();
  const tell = () => {
    if (found.size === 0 || signal.aborted) return;
    onAnswers(found);
    found = new Map();
  };
  const timer = setInterval(tell, tellEveryMs);
  try {
    await mapLimited(servers.slice(0, mostProbed), atOnce, async server => {
      signal.throwIfAborted();
      const answers = await doesAnswer(new URL(server), signal, proxies);
      if (!signal.aborted) found.set(server, answers);
    });
    tell();
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    clearInterval(timer);
  }
}

async function doesAnswer(server: URL, signal: AbortSignal, proxies: Proxies | undefined): Promise<boolean> {
  try {
    await inspectServerCertificates(
      server,
      AbortSignal.any([signal, AbortSignal.timeout(patienceMs)]),
      proxies,
    );
    return true;
  } catch {
    return false;
  }
}
