import { type StoreChoice, storeChoices } from '../credentials/store-choice.ts';
import { UserError } from '../errors.ts';
import type { IssuerAnswers } from '../login/answers.ts';
import type { LoginLink } from '../portal/login-link.ts';
import type { LoginFlags } from './login-flags.ts';

const needsIssuer = [
  'clientSecretFile',
  'audienceScope',
  'server',
  'serverCaFile',
  'redirectHost',
  'accessToken',
  'clientCertificate',
  'clientKey',
  'username',
  'passwordFd',
  'subjectTokenFile',
  'subjectTokenEnv',
] as const satisfies readonly (keyof LoginFlags)[];

/** The flags of a login at an issuer; nothing when there are none. */
export function issuerAnswersOf(flags: LoginFlags, link: LoginLink | undefined): { issuer?: IssuerAnswers } {
  if (flags.portalFile === undefined && flags.clientId === undefined && flags.issuer === undefined) {
    const alone = needsIssuer.find(name => flags[name] !== undefined);
    if (alone === undefined) return {};
    throw usage(`${flagName(alone)} goes with --client-id or --portal-file.`);
  }
  return {
    issuer: {
      ...defined('portalFile', flags.portalFile),
      ...defined('issuer', flags.issuer),
      ...defined('clientId', flags.clientId),
      ...defined('clientSecretFile', flags.clientSecretFile),
      scopes: flags.scope ?? [],
      audienceScope: flags.audienceScope === true,
      ...defined('server', flags.server),
      ...defined('serverCaFile', flags.serverCaFile),
      listen: flags.listen ?? [],
      ...redirectHostOf(flags.redirectHost),
      extraParameters: parametersOf(flags, link),
      accessToken: flags.accessToken === true,
      ...defined('certificateFile', flags.clientCertificate),
      ...defined('keyFile', flags.clientKey),
      ...defined('username', flags.username),
      ...passwordFdOf(flags.passwordFd),
      ...defined('subjectTokenFile', flags.subjectTokenFile),
      ...defined('subjectTokenEnv', flags.subjectTokenEnv),
      credentialStore: storeOf(flags.credentialStore),
    },
  };
}

function defined<Name extends string>(name: Name, value: string | undefined): { [Key in Name]?: string } {
  return value === undefined ? {} : ({ [name]: value } as { [Key in Name]?: string });
}

/** Dex's own parameters choose the provider and the workspace; the others are OpenID Connect Core's, section 3.1.2.1. */
function parametersOf(flags: LoginFlags, link: LoginLink | undefined): Record<string, string> {
  const parameters: Record<string, string> = {};
  if (flags.idp !== undefined) parameters['connector_id'] = flags.idp;
  if (link?.workspace !== undefined) parameters['tenant-id'] = link.workspace;
  if (flags.prompt !== undefined) parameters['prompt'] = flags.prompt;
  if (flags.maxAge !== undefined) parameters['max_age'] = flags.maxAge;
  if (flags.loginHint !== undefined) parameters['login_hint'] = flags.loginHint;
  for (const text of flags.extraParam ?? []) {
    const [name = '', ...rest] = text.split('=');
    if (name === '' || rest.length === 0)
      throw usage(`--extra-param takes NAME=VALUE; "${text}" is not that.`);
    parameters[name] = rest.join('=');
  }
  return parameters;
}

function redirectHostOf(text: string | undefined): Pick<IssuerAnswers, 'redirectHost'> {
  if (text === undefined) return {};
  if (text === '127.0.0.1' || text === 'localhost') return { redirectHost: text };
  throw usage('--redirect-host takes 127.0.0.1 or localhost.');
}

export function passwordFdOf(text: string | undefined): Pick<IssuerAnswers, 'passwordFd'> {
  if (text === undefined) return {};
  if (/^\d{1,4}$/.test(text)) return { passwordFd: Number(text) };
  throw usage('--password-fd takes the number of a file descriptor.');
}

function storeOf(text: string | undefined): StoreChoice {
  if (text === undefined || text === '') return 'auto';
  const choice = storeChoices.find(candidate => candidate === text);
  if (choice !== undefined) return choice;
  throw usage(`--credential-store takes ${storeChoices.join(', ')}.`);
}

const flagName = (name: string) => `--${name.replace(/[A-Z]/g, letter => `-${letter.toLowerCase()}`)}`;

function usage(message: string): UserError {
  return new UserError('USAGE', message, { hint: 'See dkp-auth login --help.' });
}
