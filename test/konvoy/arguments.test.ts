import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type KonvoyArguments, parseKonvoyArguments } from '../../source/konvoy/arguments.ts';
import { userError } from '../helpers/user-error.ts';

const url = '-auth-url=https://dkp.example.com/token/';
const pem = '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n';
const base64 = Buffer.from(pem).toString('base64');
const none: KonvoyArguments = {
  link: { origin: 'https://dkp.example.com', prefix: '/token', workspace: undefined },
  user: '',
  caData: undefined,
  caFile: undefined,
  noBrowser: false,
  tokenDir: undefined,
};

const readable: readonly [readonly string[], Partial<KonvoyArguments>][] = [
  [[url], {}],
  [['--auth-url=https://dkp.example.com/token/'], {}],
  [['-auth-url', 'https://dkp.example.com/token/'], {}],
  [['--auth-url', 'https://dkp.example.com/token'], {}],
  [['-auth-url=https://other.example.com/', url], {}],
  [
    ['-auth-url=https://dkp.example.com:8443/sso/token/?tenant-id=team-red'],
    { link: { origin: 'https://dkp.example.com:8443', prefix: '/sso/token', workspace: 'team-red' } },
  ],
  [[url, '-kubeconfig-user=prod'], { user: 'prod' }],
  [[url, '--kubeconfig-user', 'Ada Lovelace'], { user: 'Ada Lovelace' }],
  [[url, '-kubeconfig-user='], {}],
  [[url, '-kubeconfig-user', '-no-browser-exec'], { user: '-no-browser-exec' }],
  [[url, '-kubeconfig-user=a=b'], { user: 'a=b' }],
  [[url, `-ca-data=${base64}`], { caData: pem }],
  [[url, '-ca-data='], {}],
  [[url, '--ca-file', '/etc/ca.pem'], { caFile: '/etc/ca.pem' }],
  [[url, '-no-browser-exec'], { noBrowser: true }],
  [[url, '--no-browser-exec=T'], { noBrowser: true }],
  [[url, '-no-browser-exec=false', '-token-dir=/t'], { tokenDir: '/t' }],
  [[url, '-no-browser-exec', '-no-browser-exec=0'], {}],
];

const wrong: readonly [readonly string[], Parameters<typeof userError>[0], RegExp][] = [
  [[], 'USAGE', /-auth-url is missing/],
  [['-kubeconfig-user=prod'], 'USAGE', /-auth-url is missing/],
  [['-auth-url='], 'USAGE', /-auth-url is missing/],
  [['-auth-url'], 'USAGE', /-auth-url needs a value/],
  [['-auth-url=http://dkp.example.com/token/'], 'USAGE', /not an https address/],
  [['-auth-url=nowhere'], 'USAGE', /not an https address/],
  [['-auth-url=https://ada:secret@dkp.example.com/token/'], 'LINK_INVALID', /user name or password/],
  [['-auth-url=https://dkp.example.com/token/?tenant-id=../x'], 'LINK_INVALID', /workspace/],
  [[url, 'extra'], 'USAGE', /"extra" is not a flag/],
  [[url, '-'], 'USAGE', /"-" is not a flag/],
  [[url, '--'], 'USAGE', /"--" is not a flag/],
  [[url, '---auth-url=x'], 'USAGE', /is not a flag/],
  [[url, '-=x'], 'USAGE', /is not a flag/],
  [[url, '-audience=x'], 'USAGE', /There is no flag -audience/],
  [[url, '-no-browser-exec', 'true'], 'USAGE', /"true" is not a flag/],
  [[url, '-no-browser-exec=yes'], 'USAGE', /takes true or false/],
  [[url, '-ca-data=%%%'], 'CA_FILE_INVALID', /not a PEM certificate/],
  [[url, '-kubeconfig-user=../../x'], 'PROFILE_NAME_INVALID', /"\.\.\/\.\.\/x" is a path/],
  [[url, '-kubeconfig-user=..'], 'PROFILE_NAME_INVALID', /is a path/],
  [[url, '-kubeconfig-user=.'], 'PROFILE_NAME_INVALID', /is a path/],
  [[url, '-kubeconfig-user=a\\b'], 'PROFILE_NAME_INVALID', /is a path/],
  [[url, '-kubeconfig-user=a\0b'], 'PROFILE_NAME_INVALID', /is a path/],
  [[url, '-kubeconfig-user=a\n\u001b[2Jb'], 'PROFILE_NAME_INVALID', /"a b" is a path/],
  [[url, `-kubeconfig-user=${'x'.repeat(201)}`], 'PROFILE_NAME_INVALID', /is too long/],
];

describe("the original plugin's flags", () => {
  for (const [args, expected] of readable) {
    it(`are read: ${JSON.stringify(args).slice(0, 100)}`, () => {
      assert.deepEqual(parseKonvoyArguments(args), { ...none, ...expected });
    });
  }

  for (const [args, code, text] of wrong) {
    it(`are refused: ${JSON.stringify(args).slice(0, 100)}`, () => {
      assert.throws(() => parseKonvoyArguments(args), userError(code, text));
    });
  }

  it('ask for help, in each spelling', () => {
    for (const help of ['-h', '--h', '-help', '--help']) {
      assert.equal(parseKonvoyArguments([url, help, '-nonsense']), undefined);
    }
  });
});
