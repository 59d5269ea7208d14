import type { Command } from 'commander';
import type { Streams } from '../../system/streams.ts';

const afterHelp = `
Looks at the files named, or at KUBECONFIG (else ~/.kube/config) and
~/.kube/dkp-auth/*.yaml, all of them together. Exit code 1 when there is an
error or a warning; notes do not count. No token is printed, and nothing is sent
anywhere; --fix asks the platform for its clusters.`;

export function addCheck(program: Command, streams: Streams, signal: AbortSignal): void {
  program
    .command('check')
    .description('find credentials shared between clusters, expired tokens, loose file modes and more')
    .argument('[kubeconfig...]', 'files to look at')
    .option('--fix', 'mend what can be mended: a profile for each cluster of a kubeconfig of the platform')
    .option('--yes', 'with --fix: do not ask')
    .option('--dry-run', 'with --fix: only show the change')
    .option('--workspace <name>', 'with --fix: the workspace that the clusters belong to')
    .option('--json', 'one JSON document on stdout')
    .option('--sarif', 'SARIF 2.1.0 on stdout, for code scanning')
    .addHelpText('after', afterHelp)
    .action(async (files: string[], flags: object) => {
      const { check } = await import('../check.ts');
      await check(files, flags, streams, signal);
    });
}
