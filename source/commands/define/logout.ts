import type { Command } from 'commander';
import type { Streams } from '../../system/streams.ts';

export function addLogout(program: Command, streams: Streams, signal: AbortSignal): void {
  program
    .command('logout')
    .description('forget tokens, and end the login at the issuer where it can be ended; kubeconfigs stay')
    .argument('[profile...]', 'profiles to log out of')
    .option('--all', 'every profile')
    .option('--json', 'one JSON document on stdout')
    .action(async (names: readonly string[], flags: object) => {
      const { logout } = await import('../logout.ts');
      await logout(names, flags, streams, signal);
    });
}
