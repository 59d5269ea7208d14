import type { Command } from 'commander';
import type { Streams } from '../../system/streams.ts';

export function addUndo(program: Command, streams: Streams, signal: AbortSignal): void {
  program
    .command('undo')
    .description('put a kubeconfig back as it was before dkp-auth last changed it')
    .argument('[kubeconfig]', 'the file; the one changed last when not given')
    .option('--force', 'also where somebody else has changed it since')
    .option('--dry-run', 'only tell what would change')
    .option('--json', 'one JSON document on stdout')
    .action(async (file: string | undefined, flags: object) => {
      const { undo } = await import('../undo.ts');
      await undo(file, flags, streams, signal);
    });
}
