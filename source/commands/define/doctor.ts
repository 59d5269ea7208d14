import type { Command } from 'commander';
import type { Streams } from '../../system/streams.ts';

export function addDoctor(program: Command, streams: Streams, signal: AbortSignal): void {
  program
    .command('doctor')
    .description(
      'why does it not work: network, certificates, clock, platform, issuer, kubectl, this machine',
    )
    .argument('[login-link]', 'look at this platform; all known ones when not given')
    .option('--ca-file <file>', "PEM file with the platform's certificate authority")
    .option('--proxy <url>', 'proxy for every request; HTTPS_PROXY and NO_PROXY when not given')
    .option('--json', 'one JSON document on stdout')
    .action(async (link: string | undefined, flags: object) => {
      const { doctor } = await import('../doctor.ts');
      await doctor(link, flags, streams, signal);
    });
}
