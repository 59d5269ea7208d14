import type { Command } from 'commander';
import type { Streams } from '../../system/streams.ts';

export function addToken(program: Command, streams: Streams, signal: AbortSignal): void {
  // Listed for --help only: cli.ts starts this command itself, without loading the others.
  program
    .command('token')
    .description('print the token of a profile; kubectl calls this')
    .requiredOption('--profile <name>', 'profile whose token to print')
    .action(async ({ profile }: { profile: string }) => {
      const { token } = await import('../token.ts');
      await token(['--profile', profile], streams, signal);
    });
}
