import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findIdentityProvider, withIdentityProvider } from '../../source/portal/identity-provider.ts';
import { listIdentityProviders, readChoicePage } from '../../source/portal/identity-providers.ts';
import type { HttpClient, HttpResponse } from '../../source/system/http.ts';
import { userError } from '../helpers/user-error.ts';

const page = new URL('https://dkp.example.com/dex/auth?client_id=kube-apiserver&state=s');
const read = (html: string) => readChoicePage(html, page);

test('the choice page of old Dex is read: links with the request, buttons with an icon', () => {
  const html = `
    <h2 class="theme-heading">Log in to dex </h2>
    <div>
      <div class="theme-form-row">
        <a href="/dex/auth/ldap?req=y3kd" target="_self">
          <button class="dex-btn theme-btn-provider">
            <span class="dex-btn-icon dex-btn-icon--ldap"></span>
            <span class="dex-btn-text">Log in with Corporate &amp; Partners</span>
          </button>
        </a>
      </div>
      <div class="theme-form-row">
        <a href="/dex/auth/github?req=y3kd" target="_self"><button><span>Log in with GitHub</span></button></a>
      </div>
    </div>`;
  assert.deepEqual(read(html), [
    { id: 'ldap', name: 'Corporate & Partners' },
    { id: 'github', name: 'GitHub' },
  ]);
});

test('the choice page of current Dex is read: links that repeat the query', () => {
  const html = `
    <a href="/dex/auth/dex-controller-team%2fred?client_id=kube-apiserver&amp;state=s" target="_self">
      <button><span class="dex-btn-text">Log in with
         Red   Team SSO</span></button>
    </a>
    <a href="https://dkp.example.com/dex/auth/github?state=s">GitHub</a>
    <a href="auth/local?state=s"><span class="dex-btn-text">Log in with Email</span></a>`;
  assert.deepEqual(read(html), [
    { id: 'dex-controller-team/red', name: 'Red Team SSO' },
    { id: 'github', name: 'GitHub' },
    { id: 'local', name: 'Email' },
  ]);
});

test('links that lead elsewhere are no identity providers', () => {
  const html = `
    <a href="https://evil.example/dex/auth/ldap">Log in with Corporate</a>
    <a href="http://dkp.example.com/dex/auth/ldap">Log in with Corporate</a>
    <a href="//evil.example/dex/auth/ldap">Log in with Corporate</a>
    <a href="javascript:alert(1)">Log in with Corporate</a>
    <a href="/dex/authority/ldap">x</a> <a href="/dex/auth">x</a> <a href="/dex/auth/">x</a>
    <a href="/token/landing/">Back</a> <a>no address</a> <a href="https://[">x</a>
    <link href="/dex/auth/css"><form action="/dex/auth/form"></form>`;
  assert.deepEqual(read(html), []);
});

test('ids and names with control characters cannot reach a terminal', () => {
  const html = `
    <a href="/dex/auth/%1b%5b31mred">Log in with Red</a>
    <a href="/dex/auth/%ff">Log in with Rubbish</a>
    <a href="/dex/auth/${'x'.repeat(201)}">Log in with Long</a>
    <a href="/dex/auth/ldap">Log in with Corp\u001b]52;c;ZXZpbA==\u0007\u202e&#27;[31m</a>
    <a href="/dex/auth/blank"> \u200b </a>`;
  assert.deepEqual(read(html), [
    { id: 'ldap', name: 'Corp' },
    { id: 'blank', name: 'blank' },
  ]);
});

test('a provider that is linked twice is one, and broken markup ends nothing', () => {
  const html =
    '<a href="/dex/auth/ldap">Log in with A</a><a href="/dex/auth/ldap">Log in with B</a><a href="/dex/auth/x"><b>C';
  assert.deepEqual(read(html), [
    { id: 'ldap', name: 'A' },
    { id: 'x', name: 'C' },
  ]);
  assert.deepEqual(read(''), []);
  assert.deepEqual(read('{"error":"invalid_request"}'), []);
});

const answers = (response: Partial<HttpResponse>): HttpClient => ({
  send: async () => ({ status: 200, headers: {}, body: '', ...response }),
  close: async () => undefined,
});
const list = (response: Partial<HttpResponse>) => listIdentityProviders(answers(response), page);

test('a portal with a single provider redirects to it, and that one is taken', async () => {
  for (const location of [
    '/dex/auth/ldap?req=x',
    'https://dkp.example.com/dex/auth/ldap',
    '/dex/auth/ldap/login?back=',
  ]) {
    assert.deepEqual(await list({ status: 302, headers: { location } }), [{ id: 'ldap', name: 'ldap' }]);
  }
});

test('a redirect elsewhere, an error page or an empty page names no provider, and the status is told', async () => {
  const answersWithNone: Partial<HttpResponse>[] = [
    { status: 302, headers: { location: 'https://evil.example/dex/auth/ldap' } },
    { status: 302, headers: { location: '/token/callback?error=access_denied' } },
    { status: 302 },
    { status: 400, body: '<a href="/dex/auth/ldap">Log in with LDAP</a>' },
    { status: 500 },
    { status: 200, body: '<h1>No connectors</h1>' },
  ];
  for (const response of answersWithNone) {
    await assert.rejects(
      list(response),
      userError('PORTAL_ANSWER', new RegExp(`shows no identity provider \\(status ${response.status}\\)`)),
    );
  }
});

test('a chosen provider is put into the address, in the place of any other', () => {
  const chosen = withIdentityProvider(page, 'red sso&x=1');
  assert.equal(chosen.searchParams.get('connector_id'), 'red sso&x=1');
  assert.equal(chosen.searchParams.get('state'), 's');
  assert.deepEqual(withIdentityProvider(chosen, 'ldap').searchParams.getAll('connector_id'), ['ldap']);
  assert.equal(page.searchParams.has('connector_id'), false);
});

test('a provider is named by its id, or by its name in any letter case; ids go first', () => {
  const providers = [
    { id: 'ldap', name: 'Corporate' },
    { id: 'Corporate', name: 'Old directory' },
  ];
  assert.equal(findIdentityProvider(providers, 'ldap').id, 'ldap');
  assert.equal(findIdentityProvider(providers, 'Corporate').id, 'Corporate');
  assert.equal(findIdentityProvider(providers, 'OLD directory').id, 'Corporate');
  assert.throws(
    () => findIdentityProvider(providers, 'saml'),
    userError('UNKNOWN_IDENTITY_PROVIDER', /ldap \(Corporate\), Corporate \(Old directory\)/),
  );
});

test('a name that several providers bear names none of them; their IDs do', () => {
  const providers = [
    { id: 'ldap-1', name: 'Corporate' },
    { id: 'ldap-2', name: 'corporate' },
  ];
  assert.throws(
    () => findIdentityProvider(providers, 'Corporate'),
    userError('UNKNOWN_IDENTITY_PROVIDER', /Several .*"Corporate".*\n.*ldap-1, ldap-2/),
  );
  assert.equal(findIdentityProvider(providers, 'ldap-2').name, 'corporate');
});
