import type { Command } from 'commander';
import type { Streams } from '../../system/streams.ts';

/** Read here and by main.ts, which starts this command without the library that reads command lines. */
export const statusFlags = {
  'check-server': 'ask each API server who it thinks you are, with its own token only',
  watch: 'show it again when it changes, until Ctrl+C',
  'exit-code': 'end with 3 when a profile needs a login',
  json: 'one JSON document on stdout',
} as const;

export function addStatus(program: Command, streams: Streams, signal: AbortSignal): void {
  const command = program
    .command('status')
    .description('every profile: its cluster, account, expiry, and how far apart its tokens are')
    .argument('[profile...]', 'everything about these');
  for (const [name, about] of Object.entries(statusFlags)) command.option(`--${name}`, about);
  command.action(async (names: readonly string[], flags: object) => {
    const { status } = await import('../status.ts');
    await status(names, flags, streams, signal);
  });
}
