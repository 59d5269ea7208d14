import type { Command } from 'commander';
import type { Streams } from '../../system/streams.ts';
import { collect } from './collect.ts';

export function addAdmin(program: Command, streams: Streams, signal: AbortSignal): void {
  program
    .command('admin')
    .description('for administrators')
    .command('dex-client')
    .description(
      'print what to apply so that browser and device sign-in work, and the portal file to hand out',
    )
    .argument('[login-link]', 'read the clusters from this platform')
    .option('--cluster <name=server>', 'a cluster; repeat for more', collect)
    .option('--issuer <url>', 'the issuer')
    .option('--client-id <id>', 'the public client', 'dkp-auth')
    .option('--client-prefix <prefix>', "before every client's id, as the platform's controller puts one")
    .option('--shared-audience <client>', 'the audience that all clusters accept')
    .option('--format <format>', 'static, resource, oauth2client or portal-file', 'static')
    .option('--ca-file <file>', "PEM file with the platform's certificate authority")
    .option('--namespace <name>', 'namespace of the resources', 'kommander')
    .option('--proxy <url>', 'proxy for every request')
    .option('--json', 'one JSON document on stdout')
    .action(async (link: string | undefined, flags: object) => {
      const { adminDexClient } = await import('../admin.ts');
      await adminDexClient(link, flags, streams, signal);
    });
}
