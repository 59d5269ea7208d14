import type { Command } from 'commander';
import type { Streams } from '../../system/streams.ts';

export function addStatus(program: Command, streams: Streams, signal: AbortSignal): void {
  program
    .command('status')
    .description('every profile: its cluster, account, expiry, and how far apart its tokens are')
    .argument('[profile...]', 'everything about these')
    .option('--check-server', 'ask each API server who it thinks you are, with its own token only')
    .option('--watch', 'show it again when it changes, until Ctrl+C')
    .option('--exit-code', 'end with 3 when a profile needs a login')
    .option('--json', 'one JSON document on stdout')
    .action(async (names: readonly string[], flags: object) => {
      const { status } = await import('../status.ts');
      await status(names, flags, streams, signal);
    });
}
