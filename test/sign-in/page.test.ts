import assert from 'node:assert/strict';
import { after, afterEach, describe, it, test } from 'node:test';
import { parseLoginLink } from '../../source/portal/login-link.ts';
import { findClusterPage, readPastedToken } from '../../source/sign-in/page.ts';
import { audiencesOf } from '../../source/sign-in/page-audiences.ts';
import { createHttpClient } from '../../source/system/http.ts';
import { demoForTests, originOf } from '../demo/helpers.ts';
import { fc } from '../helpers/seeded.ts';
import { userError } from '../helpers/user-error.ts';

describe("a cluster's own page", async () => {
  const demo = await demoForTests();
  const http = createHttpClient([demo.document.ca]);
  after(() => http.close());
  afterEach(() => demo.faults.clear());
  const portal = (workspace = '') => ({
    link: parseLoginLink(demo.document.loginLinks.global + workspace),
    http,
  });

  it('tells the audience of its tokens, which is the one its API server accepts', async () => {
    for (const name of ['kubernetes-cluster', 'red-prod', 'red-lab']) {
      const page = await findClusterPage(portal(), { name });
      assert.equal(page.url.href, `${originOf(demo)}/token/login/${name}`);
      assert.deepEqual(page.audiences, [demo.cluster(name).audience]);
    }
  });

  it('is asked for in its workspace, its name encoded', async () => {
    const page = await findClusterPage(portal('team-red'), { name: 'red-prod' });
    assert.equal(page.url.href, `${originOf(demo)}/token/login/red-prod?tenant-id=team-red`);
    demo.forgetRequests();
    await findClusterPage(portal(), { name: '../x?y#z' });
    assert.equal(demo.requests[0]?.path, '/token/login/..%2Fx%3Fy%23z');
  });

  it('is read and never followed, so that nobody is signed in by looking', async () => {
    demo.forgetRequests();
    await findClusterPage(portal(), { name: 'red-prod' });
    assert.deepEqual(
      demo.requests.map(({ path }) => path),
      ['/token/login/red-prod'],
    );
  });

  it("is replaced by the platform's list where the platform knows the cluster by another name", async () => {
    const unknown = await findClusterPage(portal(), { name: 'Production' });
    assert.deepEqual(unknown, { url: new URL(`${originOf(demo)}/token/`), audiences: undefined });
    const inWorkspace = await findClusterPage(portal('team-red'), { name: 'nothing' });
    assert.equal(inWorkspace.url.href, `${originOf(demo)}/token/workspace/team-red`);
  });

  for (const fault of ['not-json', 'bad-gateway', 'empty'] as const) {
    it(`that answers with the fault "${fault}" tells no audience`, async () => {
      demo.faults.set('login', fault);
      assert.equal((await findClusterPage(portal(), { name: 'red-prod' })).audiences, undefined);
    });
  }
});

const audiences: [string, string, string[] | undefined][] = [
  ['the client', 'client_id=red-prod&scope=openid+email', ['red-prod']],
  [
    'a scope for another client',
    'client_id=web&scope=openid+audience:server:client_id:red-prod',
    ['red-prod'],
  ],
  [
    'scopes for several',
    'client_id=web&scope=audience:server:client_id:a+openid+audience:server:client_id:b',
    ['a', 'b'],
  ],
  ['no scope', 'client_id=red-prod', ['red-prod']],
  ['nothing', '', undefined],
];

for (const [what, query, expected] of audiences) {
  test(`the audience of a page's tokens is told by ${what}`, () => {
    assert.deepEqual(audiencesOf(new URL(`https://dkp.example.com/dex/auth?${query}`)), expected);
  });
}

const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
const tokenOf = (sub: string) =>
  `${part({ alg: 'RS256', kid: 'k' })}.${part({ sub })}.${'c2ln'.repeat(85)}-_`;
const token = tokenOf('ada');
const broken = (length: number, end = '\n') =>
  (token.match(new RegExp(`.{1,${length}}`, 'g')) ?? []).join(end);

const pasted: [string, string][] = [
  ['the bare token', token],
  ['with a line end', `${token}\n`],
  ['with blanks around', `  \t${token}  `],
  ['in quotes', `"${token}"`],
  ['the set-credentials line', `kubectl config set-credentials ada-prod --token=${token}`],
  ['the line with quotes', `kubectl config set-credentials ada-prod --token='${token}'`],
  ['the line with a blank instead of =', `kubectl config set-credentials ada-prod --token ${token}`],
  [
    'the line as the page shows it, over two lines',
    `kubectl config set-credentials ada-prod \\\n    --token=${token}\n`,
  ],
  [
    'the line with a flag behind',
    `kubectl config set-credentials ada --token=${token} --kubeconfig=prod.yaml`,
  ],
  ['the Windows line', `kubectl config set-credentials ada-prod ^\r\n    --token=${token}\r\n`],
  [
    'all the lines of the page',
    `kubectl config set-cluster prod --server=https://x\nkubectl config set-credentials ada \\\n    --token=${token}\nkubectl config set-context prod --user=ada\nkubectl config use-context prod\n`,
  ],
  ['YAML', `users:\n- name: ada\n  user:\n    token: ${token}\n  x: y\n`],
  ['JSON', JSON.stringify({ status: { token } })],
  ['broken at 80 characters', broken(80)],
  ['broken at 80 characters, Windows line ends', broken(80, '\r\n')],
  ['broken and indented', broken(64, '\n    ')],
  ['broken and with blanks at the ends', broken(64, '  \n')],
  ['broken after its first letter', `e\n${token.slice(1)}`],
  ['the line broken by a terminal', `kubectl config set-credentials ada --token=${broken(76)}\n`],
  [
    'the line broken by a terminal, in quotes',
    `kubectl config set-credentials ada --token="${broken(76)}"\n`,
  ],
  [
    'the line broken by a terminal, with the next command behind',
    `kubectl config set-credentials ada --token=${broken(76)}\nkubectl config use-context prod\n`,
  ],
  ['twice the same', `${token}\n\n${token}`],
];

for (const [what, text] of pasted) {
  test(`a token is found in what was pasted: ${what}`, () => assert.equal(readPastedToken(text), token));
}

const rubbish: [string, string, RegExp][] = [
  ['nothing', '', /There is no token.*\n.*set-credentials/],
  ['blanks', ' \n\t', /There is no token/],
  ['a sentence', 'I clicked on the button but nothing happened.', /There is no token/],
  ['the address of the page', 'https://dkp.example.com/token/login/prod?tenant-id=x', /There is no token/],
  ['a token cut before its signature', token.slice(0, token.lastIndexOf('.') + 1), /There is no token/],
  ['an opaque token', 'sha256~0123456789abcdef', /There is no token/],
  ['two tokens', `${token}\n${tokenOf('eve')}`, /several tokens.*\nPaste one/],
  ['two tokens on one line', `--token=${token} --token=${tokenOf('eve')}`, /several tokens/],
  ['an ID token and a refresh token', JSON.stringify({ a: token, b: tokenOf('ada2') }), /several tokens/],
];

for (const [what, text, fault] of rubbish) {
  test(`refused as a pasted token: ${what}`, () => {
    assert.throws(() => readPastedToken(text), userError('TOKEN_INVALID', fault));
  });
}

test('a refusal repeats nothing of what was pasted', () => {
  assert.throws(
    () => readPastedToken(`${token} ${tokenOf('eve')}`),
    error => !/eyJ/.test(String(error) + JSON.stringify(error)),
  );
});

test('whatever is pasted, one token without blanks comes out, or a refusal', () => {
  const piece = fc.oneof(
    fc.string(),
    fc.constantFrom(token, tokenOf('eve'), '\n', ' ', 'eyJ', '.', broken(70)),
  );
  fc.assert(
    fc.property(fc.array(piece), pieces => {
      try {
        assert.match(readPastedToken(pieces.join('')), /^[\w-]+\.[\w-]+\.[\w-]+$/);
      } catch (error) {
        userError('TOKEN_INVALID')(error);
      }
    }),
  );
});
