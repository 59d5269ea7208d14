import { openSecretStore } from '../../credentials/secret-store.ts';
import type { StoreChoice } from '../../credentials/store-choice.ts';
import { hasBrowser } from '../../system/browser.ts';
import type { Environment } from '../../system/paths.ts';
import type { Streams } from '../../system/streams.ts';
import { describeTerminal } from '../../system/terminal.ts';
import { plainText } from '../../text.ts';
import { type Check, ok, warning } from '../check.ts';

type Context = { readonly streams: Streams; readonly store: StoreChoice };

/** What a login meets on this machine: variables, keyring, terminal, browser. */
export function surroundingChecks({ streams, store }: Context): Check[] {
  const { env } = streams;
  return [
    { key: 'environment', id: 'environment', run: async () => checkEnvironment(env) },
    {
      key: 'keyring',
      id: 'keyring',
      limitMs: 6_000,
      async run() {
        const { kind, why } = await openSecretStore({ choice: store, env }).describe();
        const words = { keyring: 'in the keyring', file: 'in a file of yours alone', none: 'nowhere' };
        return ok(`refresh tokens are kept ${words[kind]}, because ${plainText(why)}`);
      },
    },
    {
      key: 'terminal',
      id: 'terminal',
      async run() {
        const { interactive, cursorControl, columns, rows, unicode } = describeTerminal(env, streams);
        if (!interactive) return ok('none here, so nothing is asked; flags answer instead');
        const what = `${columns}x${rows}, ${unicode ? 'Unicode' : 'plain characters'}`;
        return ok(cursorControl ? what : `${what}, without cursor control: questions come line by line`);
      },
    },
    {
      key: 'browser',
      id: 'browser',
      async run() {
        if (hasBrowser({ env })) return ok('one can be opened here');
        return ok(
          'none can be opened here; the address to sign in at is shown, and works in any browser anywhere',
        );
      },
    },
  ];
}

function checkEnvironment(env: Environment) {
  if (env['NODE_TLS_REJECT_UNAUTHORIZED'] === '0') {
    return warning(
      'NODE_TLS_REJECT_UNAUTHORIZED=0 is set; dkp-auth checks certificates all the same',
      'Unset it: other programs on Node.js trust every server because of it.',
    );
  }
  if (
    env['NODE_OPTIONS'] !== undefined &&
    /(^|\s)(--require|-r|--import|--inspect)/.test(env['NODE_OPTIONS'])
  ) {
    return warning(
      'NODE_OPTIONS loads code into every Node.js program, this one too',
      'Unset it for dkp-auth unless you know what it loads.',
    );
  }
  return ok(`Node.js ${process.versions.node} on ${process.platform} ${process.arch}`);
}
