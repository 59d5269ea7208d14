import type { Command } from 'commander';
import type { Streams } from '../../system/streams.ts';

export function addConfig(program: Command, streams: Streams, signal: AbortSignal): void {
  const config = program.command('config').description('settings: list, get, set, unset, edit; kuberc');
  const load = () => import('../config.ts');
  config
    .command('list')
    .description('every setting and its value')
    .option('--origin', 'tell where each value comes from')
    .option('--json', 'one JSON document on stdout')
    .action(async (flags: object) => (await load()).configList(flags, streams));
  config
    .command('get')
    .description('the value of a setting')
    .argument('<key>', 'the setting')
    .action(async (key: string) => (await load()).configGet(key, streams));
  config
    .command('set')
    .description('write a value to the file of settings')
    .argument('<key>', 'the setting')
    .argument('<value>', 'its value')
    .action(async (key: string, value: string) => (await load()).configSet(key, value, streams));
  config
    .command('unset')
    .description('take a setting out of the file')
    .argument('<key>', 'the setting')
    .action(async (key: string) => (await load()).configUnset(key, streams));
  config
    .command('edit')
    .description('open the file in your editor, and check it before it counts')
    .action(async () => (await load()).configEdit(streams, signal));
  config
    .command('kuberc')
    .description("print the entry for kubectl's list of plugins that may run")
    .option('--kubectl <version>', 'for this kubectl; 1.35 has another name for a field')
    .action(async (flags: object) => {
      const { configKuberc } = await import('../kuberc.ts');
      await configKuberc(flags, streams);
    });
}
