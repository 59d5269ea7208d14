import { type Command, Option } from 'commander';
import type { Streams } from '../../system/streams.ts';

export function addDemo(program: Command, streams: Streams, signal: AbortSignal): void {
  program
    .command('demo')
    .description('try the wizard on a platform that lives on this machine only')
    .option('--auto', 'play it through by itself')
    .option('--serve', 'only keep the platform running')
    .option('--plain', 'ask line by line through stdin and stdout, without drawing')
    .option('--screen-reader', 'speak to a screen reader')
    .option('--port <port>', 'port of the platform')
    .addOption(new Option('--json', 'with --serve: print one JSON document first'))
    .action(async (flags: object) => {
      const { demo } = await import('../demo.ts');
      await demo(flags, streams, signal);
    });
}
