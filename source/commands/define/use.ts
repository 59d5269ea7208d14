import type { Command } from 'commander';
import type { Streams } from '../../system/streams.ts';

export function addUse(program: Command, streams: Streams, signal: AbortSignal): void {
  program
    .command('use')
    .description('make a profile the one that kubectl uses in this shell: eval "$(dkp-auth use NAME)"')
    .argument('[profile]', 'a profile; a list to pick from when not given')
    .option('--shell <shell>', 'bash, zsh, sh, fish or powershell; found out when not given')
    .option('--json', 'one JSON document on stdout')
    .action(async (profile: string | undefined, flags: object) => {
      const { use } = await import('../use.ts');
      await use(profile, flags, streams, signal);
    });
}
