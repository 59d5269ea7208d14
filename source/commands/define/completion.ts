import type { Command } from 'commander';
import type { Streams } from '../../system/streams.ts';

export function addCompletion(program: Command, streams: Streams): void {
  program
    .command('completion')
    .description('print what a shell needs to complete dkp-auth: bash, zsh, fish or powershell')
    .argument('<shell>', 'the shell')
    .action(async (shell: string) => {
      const { completion } = await import('../completion.ts');
      await completion(shell, streams);
    });
  program
    .command('__complete', { hidden: true })
    .argument('[words...]')
    .option('--line', 'one word: the command line up to the cursor')
    .option('--dot', 'the last word carries a dot at its end')
    .action(async (words: readonly string[], flags: object) => {
      const { printCandidates } = await import('../completion.ts');
      await printCandidates(program, words, flags, streams);
    });
}
