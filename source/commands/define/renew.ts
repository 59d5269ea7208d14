import type { Command } from 'commander';
import type { Streams } from '../../system/streams.ts';

export function addRenew(program: Command, streams: Streams, signal: AbortSignal): void {
  // For `dkp-auth token`, which starts it in the background.
  program
    .command('renew', { hidden: true })
    .description('renew the token of a profile ahead of its end')
    .requiredOption('--profile <name>', 'profile whose token to renew')
    .action(async ({ profile }: { profile: string }) => {
      const { renew } = await import('../renew.ts');
      await renew(profile, streams, signal);
    });
}
