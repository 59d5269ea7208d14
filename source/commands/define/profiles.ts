import type { Command } from 'commander';
import type { Streams } from '../../system/streams.ts';

export function addProfiles(program: Command, streams: Streams, signal: AbortSignal): void {
  const profiles = program.command('profiles').description('profiles: list, rename, remove, import');
  const load = () => import('../profiles.ts');
  const json = ['--json', 'one JSON document on stdout'] as const;
  profiles
    .command('list')
    .description('names, and the cluster of each')
    .option(...json)
    .action(async (flags: object) => (await load()).profilesList(flags, streams));
  profiles
    .command('rename')
    .description('call a profile otherwise; its kubeconfigs follow')
    .argument('<profile>', 'the profile')
    .argument('<new-name>', 'what to call it')
    .option(...json)
    .action(async (from: string, to: string, flags: object) =>
      (await load()).profilesRename(from, to, flags, streams, signal),
    );
  profiles
    .command('remove')
    .description('log out, and take profiles out of the kubeconfigs they are in; asks before')
    .argument('<profile...>', 'the profiles')
    .option('--yes', 'ask nothing')
    .option(...json)
    .action(async (names: readonly string[], flags: object) =>
      (await load()).profilesRemove(names, flags, streams, signal),
    );
  profiles
    .command('import')
    .description(
      "make profiles from kubeconfigs of kubelogin and of the platform's plugin, which stay as they are",
    )
    .argument('[kubeconfig...]', "files to look in; kubectl's own when not given")
    .option('--dry-run', 'only tell what would be made')
    .option(...json)
    .action(async (files: readonly string[], flags: object) =>
      (await load()).profilesImport(files, flags, streams, signal),
    );
}
