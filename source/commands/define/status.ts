import type { Command } from 'commander';
import type { Streams } from '../../system/streams.ts';

export function addStatus(program: Command, streams: Streams): void {
  program
    .command('status')
    .description('every profile: its cluster, account, expiry, and how far apart its tokens are')
    .option('--json', 'one JSON document on stdout')
    .action(async (flags: { json?: boolean }) => {
      const { status } = await import('../status.ts');
      await status(flags.json === true, streams);
    });
}
