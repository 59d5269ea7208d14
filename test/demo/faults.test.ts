import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import { parse } from 'yaml';
import { send } from '../../source/demo/http.ts';
import { ask, asyncToken, beginAsync, claimsIn, demoForTests, poll } from './helpers.ts';

describe('the faults of the demo', async () => {
  const demo = await demoForTests();
  const providers = '/token/plugin/providers';
  afterEach(() => demo.faults.clear());

  it('disturb any answer', async () => {
    const answer = async (fault: Parameters<typeof demo.faults.set<'providers'>>[1]) => {
      demo.faults.set('providers', fault);
      return ask(demo, providers);
    };
    assert.equal((await answer('redirect')).headers['location'], `http://evil.example${providers}`);
    assert.equal((await answer('bad-gateway')).status, 502);
    assert.equal((await answer('not-found')).status, 404);
    assert.equal((await answer('empty')).body, '');
    assert.match((await answer('not-json')).body, /^<html>/);
    assert.deepEqual(JSON.parse((await answer('wrong-types')).body)[0].clusters, 'none');
    assert.deepEqual((await answer({ status: 418, body: 'tea' })).body, 'tea');
    await assert.rejects(answer('huge'), /too large/);
    await assert.rejects(answer('cut'), { code: 'ECONNRESET' });
    demo.faults.set('providers', 'hang');
    await assert.rejects(ask(demo, providers, { timeout: 50 }), /does not answer/);
  });

  it('end after so many times, or when cleared', async () => {
    demo.faults.set('providers', 'bad-gateway', { times: 2 });
    const statuses = [];
    for (let count = 0; count < 3; count += 1) statuses.push((await ask(demo, providers)).status);
    assert.deepEqual(statuses, [502, 502, 200]);
  });

  it('change what is listed', async () => {
    demo.faults.set('providers', 'elsewhere');
    const [{ clusters }] = JSON.parse((await ask(demo, providers)).body);
    assert.equal(clusters[0].clusterHostname, 'evil.example');
    demo.faults.set('kubeconfig', 'exec-block');
    const config = parse((await ask(demo, '/token/plugin/kubeconfig')).body);
    assert.equal(config.users.length, 2);
    assert.equal(config.users[0].user.exec.command, '/bin/sh');
    demo.faults.set('names', 'hostile');
    const listed = (await ask(demo, providers)).body;
    assert.ok(listed.includes('\\u001b]52;c;'));
    assert.ok(listed.includes('\u202e'));
    const { authURL } = await beginAsync(demo, 'x');
    assert.ok(
      (await ask(demo, new URL(authURL).pathname + new URL(authURL).search)).body.includes('\u001b]52;c;'),
    );
  });

  it('change what is handed out', async () => {
    const handedOut = async (fault: Parameters<typeof demo.faults.set<'token'>>[1]) => {
      demo.faults.set('token', fault);
      return asyncToken(demo, demo.user('ada'));
    };
    const seconds = Math.floor(demo.now() / 1000);
    assert.equal(claimsIn(await handedOut('other-issuer'))['iss'], 'https://evil.example/dex');
    assert.equal(claimsIn(await handedOut('other-account'))['email'], 'mallory@corp.example');
    assert.equal(claimsIn(await handedOut('wrong-audience'))['aud'], 'another-client');
    assert.ok(Number(claimsIn(await handedOut('old'))['iat']) < seconds - 3000);
    assert.ok(Number(claimsIn(await handedOut('expired'))['exp']) < seconds);
    assert.ok((await handedOut('unsigned')).endsWith('.'));
    assert.equal(await handedOut('not-a-jwt'), 'this is not a token');
    assert.match(String(claimsIn(await handedOut('hostile-claims'))['name']), /\u001b\]52/);
  });

  it('keep a sign-in from ending', async () => {
    demo.faults.set('query', 'never-ready');
    const { authURL, hmac } = await beginAsync(demo, 'never');
    await demo.signIn(authURL, demo.user('ada'));
    assert.equal(JSON.parse((await poll(demo, hmac, 'never')).body).ready, false);
    demo.faults.set('query', 'wrong-code', { times: 1 });
    assert.equal((await poll(demo, hmac, 'never')).status, 401);
    assert.equal(JSON.parse((await poll(demo, hmac, 'never')).body).ready, true);
  });

  it('can be anything else', async () => {
    const stop = demo.intercept(/^GET \/token\/plugin\/providers/, ({ response }) =>
      send(response, 299, 'mine'),
    );
    assert.equal((await ask(demo, providers)).status, 299);
    stop();
    assert.equal((await ask(demo, providers)).status, 200);
    const seen: string[] = [];
    demo.intercept('/token/', ({ path }) => {
      seen.push(path);
      return false;
    });
    assert.equal((await ask(demo, providers)).status, 200);
    assert.deepEqual(seen, [providers]);
  });
});
