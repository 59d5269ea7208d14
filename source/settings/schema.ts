import { storeChoices } from '../credentials/store-choice.ts';
import { methods } from '../login/options.ts';
import { isProxy } from '../system/proxy-address.ts';
import { choice, type Setting, wholeNumber, words, yesOrNo } from './kinds.ts';

/** Every setting there is. One that is added here is known to the file, the environment, `config` and its completion. */
export const settings = {
  browserCommand: words('a program and its arguments', text => text.trim() !== '', {
    about: 'browser to open the address to sign in at with',
    variable: 'DKP_AUTH_BROWSER_COMMAND',
    flag: 'browserCommand',
  }),
  credentialStore: choice(storeChoices, {
    about: 'where refresh tokens live',
    variable: 'DKP_AUTH_CREDENTIAL_STORE',
    flag: 'credentialStore',
    fallback: 'auto',
  }),
  method: choice(methods, {
    about: 'how kubeconfigs are laid out, when a login does not say',
    variable: 'DKP_AUTH_METHOD',
    flag: 'method',
  }),
  noBrowser: yesOrNo({
    about: 'only show the address to sign in at',
    variable: 'DKP_AUTH_NO_BROWSER',
    fallback: false,
  }),
  proxy: words('the address of a proxy, such as http://proxy.example.com:3128', isProxy, {
    about: 'proxy for every request, before HTTPS_PROXY',
    variable: 'DKP_AUTH_PROXY',
    flag: 'proxy',
  }),
  screenReader: yesOrNo({
    about: 'the wizard speaks to a screen reader',
    variable: 'DKP_AUTH_SCREEN_READER',
    fallback: false,
  }),
  timeout: wholeNumber(1, 86_400, {
    about: 'how many seconds to wait for a login',
    variable: 'DKP_AUTH_TIMEOUT',
    flag: 'timeout',
    fallback: 300,
  }),
} as const satisfies Readonly<Record<string, Setting>>;

export type SettingKey = keyof typeof settings;

export const settingKeys = Object.keys(settings) as SettingKey[];
