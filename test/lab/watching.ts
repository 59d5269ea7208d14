import { openTerminal, type Terminal } from '../terminal/harness/terminal.ts';
import type { Desk, Test } from './desk.ts';
import type { LabDocument } from './document.ts';
import { programNamed } from './harness.ts';

export type WatchEvent = {
  readonly watch: number;
  readonly kind: 'synced' | 'added' | 'error';
  readonly text: string;
};

/** What the watches of the program on client-go have told so far. */
export function eventsIn(text: string): WatchEvent[] {
  return text
    .split('\n')
    .filter(line => line.startsWith('{"watch":') && line.trimEnd().endsWith('}'))
    .map(line => JSON.parse(line) as WatchEvent);
}

/** Waits until every watch has told of something. */
export async function allTell(
  client: Terminal,
  watches: readonly number[],
  told: Pick<WatchEvent, 'kind'> & { readonly text: string | RegExp },
  options: { timeout: number } = { timeout: 60_000 },
): Promise<void> {
  const fits = ({ kind, text }: WatchEvent) =>
    kind === told.kind && (typeof told.text === 'string' ? text === told.text : told.text.test(text));
  await client.waitFor(() => {
    const tellers = new Set(
      eventsIn(client.rawOutput())
        .filter(fits)
        .map(event => event.watch),
    );
    return watches.every(watch => tellers.has(watch));
  }, options);
}

export type Watching = {
  readonly kubeconfig: string;
  readonly count: number;
  /** Whether kubectl's plugin can ask somebody. */
  readonly stdin: 'terminal' | 'nothing';
};

/** Starts a program on client-go with several watches on one credential, in the namespace `team`. */
export function startWatching(t: Test, lab: LabDocument, desk: Desk, watching: Watching): Terminal {
  const { kubeconfig, count, stdin } = watching;
  const args = [programNamed(lab, 'client').path, kubeconfig, 'team', String(count)];
  const script = stdin === 'terminal' ? 'exec "$@"' : 'exec "$@" </dev/null';
  return openTerminal(t, {
    command: 'sh',
    args: ['-c', script, 'sh', ...args],
    env: { ...desk.env },
    columns: 200,
    rows: 50,
  });
}
