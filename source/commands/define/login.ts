import type { Command } from 'commander';
import type { Streams } from '../../system/streams.ts';
import { collect } from './collect.ts';

export function addLogin(program: Command, streams: Streams, signal: AbortSignal): void {
  program
    .command('login')
    .description('sign in and write a kubeconfig; asks for what is not answered here')
    .argument('[login-link]', 'the address your administrator gave you; any address of the platform will do')
    .option('--idp <id>', 'identity provider to sign in with')
    .option('--workspace <name>', 'workspace to sign in to, where the link does not name it')
    .option('--cluster <name>', 'a cluster, by name, host name or address; repeat for more', collect)
    .option('--all-clusters', 'every cluster the portal lists')
    .option('--method <1|2|token>', 'one kubeconfig for all, one for each cluster, or a token written out')
    .option(
      '--profile <name>',
      'profile name: NAME for one cluster, CLUSTER=NAME for each of several',
      collect,
    )
    .option('--output <path>', 'where to write: a file for Method 1, a folder otherwise')
    .option('--merge', 'into the kubeconfig that kubectl uses, or into the file of --output')
    .option(
      '--on-conflict <fail|rename|replace>',
      'with a name that an entry of somebody else has; fail when not given',
    )
    .option('--kubeconfig <file>', 'give a context that is in this file already its access, in place')
    .option('--context <name>', 'which context of --kubeconfig; its current one when not given')
    .option('--portable', 'name the plugin without its folder, for a kubeconfig that goes to other machines')
    .option('--set-current <context>', 'make this the current context of the file that is written')
    .option(
      '--sign-in <way>',
      'auto, portal, page, browser, device, paste, client-credentials, token-exchange or password',
    )
    .option('--sign-in-now', 'sign in to every chosen cluster now')
    .option('--sign-in-later', 'sign in when kubectl first asks')
    .option('--no-browser', 'only show the address to open')
    .option('--browser-command <cmd>', 'browser to open the address with')
    .option('--timeout <seconds>', 'how long to wait for the login')
    .option('--portal-file <file>', "an administrator's portal file, or its https address")
    .option('--issuer <url>', "sign in at this issuer; the portal's own when not given")
    .option('--client-id <id>', 'OAuth client to sign in at the issuer with')
    .option('--client-secret-file <file>', 'file with the secret of a confidential client')
    .option('--scope <scope>', 'a scope besides openid; repeat for more', collect)
    .option('--audience-scope', "ask for each cluster's own audience by Dex's cross-client scope")
    .option('--server <url>', 'the API server, with an issuer and no portal')
    .option('--server-ca-file <file>', 'PEM file with the certificate authority of --server')
    .option(
      '--listen <address:port>',
      'where the browser comes back to; repeat for more, tried in order',
      collect,
    )
    .option('--redirect-host <host>', '127.0.0.1 or localhost, where the issuer insists on one')
    .option('--extra-param <name=value>', 'a further parameter of the authorization request', collect)
    .option('--prompt <prompt>', 'OpenID Connect prompt, for example select_account')
    .option('--max-age <seconds>', 'how old a login at the issuer may be')
    .option('--login-hint <hint>', 'whom the issuer should expect')
    .option('--access-token', 'use the access token in place of the ID token')
    .option('--client-certificate <file>', 'PEM file with a certificate to show the issuer')
    .option('--client-key <file>', 'PEM file with its key')
    .option('--username <name>', 'with --sign-in password')
    .option('--password-fd <number>', 'file descriptor to read the password from')
    .option('--subject-token-file <file>', 'with --sign-in token-exchange; - is stdin')
    .option('--subject-token-env <name>', 'with --sign-in token-exchange: the variable that holds the token')
    .option('--credential-store <store>', 'where refresh tokens live: auto, keyring, file or none')
    .option('--proxy <url>', 'proxy for every request; HTTPS_PROXY and NO_PROXY when not given')
    .option('--ca-file <file>', "PEM file with the platform's certificate authority")
    .option('--trust <sha256>', "trust the platform's certificate with this fingerprint")
    .option('--plain', 'ask line by line through stdin and stdout, without drawing')
    .option('--screen-reader', 'speak to a screen reader; also a setting, "screenReader": true')
    .option('--json', 'one JSON document on stdout')
    .option('--yes', 'ask nothing; take what would be proposed')
    .option('--dry-run', 'only tell what would be written')
    .action(async (link: string | undefined, flags: object) => {
      const { login } = await import('../login.ts');
      await login(link, flags, streams, signal);
    });
}
