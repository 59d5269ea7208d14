import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ask, asyncToken, beginAsync, claimsIn, demoForTests, originOf, poll } from './helpers.ts';

describe('signing in at the demo', async () => {
  const demo = await demoForTests();
  const login = (cluster: string, tenant = '') =>
    `${originOf(demo)}/token/login/${cluster}${tenant && `?tenant-id=${tenant}`}`;

  it('hands out the token of an asynchronous sign-in once', async () => {
    const { authURL, hmac } = await beginAsync(demo, 'once');
    const page = await demo.signIn(authURL, demo.user('ada'));
    assert.deepEqual([page.status, page.body], [200, 'OK']);
    const answer = JSON.parse((await poll(demo, hmac, 'once')).body);
    assert.equal(answer.ready, true);
    const { sub, name, email, groups, aud, iss, exp, iat } = claimsIn(answer.token);
    assert.deepEqual(
      { sub, name, email, groups, aud, iss },
      {
        sub: 'CgNhZGESCWNvcnBvcmF0ZQ',
        name: 'Ada Nwosu',
        email: 'ada@corp.example',
        groups: ['platform-admins', 'employees'],
        aud: 'kube-apiserver',
        iss: demo.document.issuer,
      },
    );
    assert.equal(Number(exp) - Number(iat), 24 * 60 * 60);
    assert.equal((await poll(demo, hmac, 'once')).status, 404);
  });

  it('shows the login form again when the password is wrong, and goes no further', async () => {
    const { authURL, hmac } = await beginAsync(demo, 'wrong');
    const page = await demo.signIn(authURL, { ...demo.user('ada'), password: 'nonsense' });
    assert.deepEqual([page.status, page.refused], [401, true]);
    assert.match(page.body, /Invalid Username and password\./);
    assert.equal(JSON.parse((await poll(demo, hmac, 'wrong')).body).ready, false);
  });

  it('leaves a sign-in pending when the person leaves', async () => {
    const { authURL, hmac } = await beginAsync(demo, 'left');
    const page = await demo.signIn(authURL, demo.user('ada'), { abandon: true });
    assert.match(page.url, /\/dex\/auth\/corporate\/login\?/);
    assert.equal(JSON.parse((await poll(demo, hmac, 'left')).body).ready, false);
  });

  it('offers the identity providers of a tenant besides the global ones', async () => {
    const offered = async (tenant?: string) => {
      const { authURL } = await beginAsync(demo, 'choice', tenant);
      const page = await ask(demo, authURL.slice(originOf(demo).length));
      return [...page.body.matchAll(/\/dex\/auth\/([^?"]+)\?/g)].map(([, id]) => id);
    };
    assert.deepEqual(await offered(), ['corporate', 'github']);
    assert.deepEqual(await offered('team-red'), ['corporate', 'github', 'red-sso']);
    assert.deepEqual(await offered('team-blue'), ['blue-ldap', 'corporate', 'github']);
    assert.equal(
      claimsIn(await asyncToken(demo, demo.user('rhea'), 'team-red'))['email'],
      'rhea@red.example',
    );
  });

  it('goes straight to a provider that the address names, and refuses an unknown one', async () => {
    const { authURL } = await beginAsync(demo, 'straight');
    const direct = await ask(demo, `${authURL.slice(originOf(demo).length)}&connector_id=github`);
    assert.equal(direct.status, 302);
    assert.match(String(direct.headers['location']), /^\/dex\/auth\/github\?(?!.*connector_id)/);
    const unknown = await ask(demo, `${authURL.slice(originOf(demo).length)}&connector_id=nobody`);
    assert.equal(unknown.status, 400);
    assert.match(unknown.body, /Connector ID does not match a valid Connector/);
  });

  it('shows a token for one cluster by that cluster’s own client', async () => {
    const page = await demo.signIn(login('red-prod', 'team-red'), demo.user('rhea'));
    assert.equal(page.status, 200);
    assert.match(page.url, /\/token\/callback\?code=/);
    const token = page.token ?? '';
    assert.equal(claimsIn(token)['aud'], 'red-prod');
    assert.match(page.body, /kubectl config set-credentials rhea-red-prod \\\n {4}--token=eyJ/);
    assert.match(page.body, /<h2 class="theme-heading">Generated Kubernetes Token - Production<\/h2>/);
    for (const id of ['Linux', 'MacOS', 'Windows', 'IDToken'])
      assert.match(page.body, new RegExp(`id="${id}"`));
    const management = await demo.signIn(login('kubernetes-cluster'), demo.user('ada'));
    assert.match(management.body, /set-context nkp-management-cluster /);
    assert.equal(claimsIn(management.token ?? '')['aud'], 'kube-apiserver');
  });

  it('knows only the clusters of a tenant, and wants its cookie', async () => {
    assert.equal((await ask(demo, '/token/login/blue-prod?tenant-id=team-red')).status, 404);
    assert.equal((await ask(demo, '/token/callback?code=x&state=y')).status, 400);
  });

  it('gives the second of two sign-ins of one second whichever token comes first', async () => {
    demo.faults.set('start', 'same-second');
    const first = await beginAsync(demo, 'first');
    const second = await beginAsync(demo, 'second');
    demo.faults.clear('start');
    assert.equal(first.hmac, second.hmac);
    await demo.signIn(first.authURL, demo.user('ada'));
    assert.equal((await poll(demo, first.hmac, 'first')).status, 401);
    const { token } = JSON.parse((await poll(demo, second.hmac, 'second')).body);
    assert.equal(claimsIn(token)['email'], 'ada@corp.example');
  });

  it('collides by itself within a second of the clock, and not across', async () => {
    const states = async (): Promise<string[]> => {
      const second = Math.floor(demo.now() / 1000);
      const pair = [await beginAsync(demo, 'a'), await beginAsync(demo, 'b')].map(({ hmac }) => hmac);
      return second === Math.floor(demo.now() / 1000) ? pair : states();
    };
    const [one, two] = await states();
    assert.equal(one, two);
    demo.advance(1);
    assert.notEqual((await beginAsync(demo, 'c')).hmac, one);
  });
});
