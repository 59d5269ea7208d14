import assert from 'node:assert/strict';
import { beginCodeFlow } from '../../../source/sign-in/code-flow.ts';
import { signInWithDevice } from '../../../source/sign-in/device.ts';
import { connectIssuer } from '../../../source/sign-in/issuer-connection.ts';
import { findClusterPage } from '../../../source/sign-in/page.ts';
import type { HttpClient } from '../../../source/system/http.ts';
import type { Target } from '../target.ts';
import { fuzzedIssuer } from './issuer.ts';
import { link, refusal } from './portal.ts';

const signal = new AbortController().signal;
const json = { 'content-type': 'application/json' };

/** An issuer that answers everything but its metadata and keys with this. */
function answeringAll(body: string, status: number): HttpClient {
  const { client, metadata, keys } = fuzzedIssuer;
  const known = { '/openid-configuration': metadata, '/keys': keys };
  return {
    send: async url => {
      assert.equal(url.origin, new URL(client.issuer).origin, 'something was sent elsewhere');
      const found = Object.entries(known).find(([end]) => url.pathname.endsWith(end));
      return found === undefined
        ? { status, headers: json, body }
        : { status: 200, headers: json, body: found[1] };
    },
    close: async () => undefined,
  };
}

const connect = (body: string, status = 200) =>
  connectIssuer(answeringAll(body, status), fuzzedIssuer.client, signal);

export const signInTargets: readonly Target[] = [
  {
    name: 'device-answers',
    seeds: [
      '{"device_code":"d","user_code":"ABCD-EFGH","verification_uri":"https://dkp.example.com/device","verification_uri_complete":"https://dkp.example.com/device?user_code=ABCD-EFGH","expires_in":300,"interval":5}',
      '{"device_code":"d","user_code":"x","verification_url":"https://dkp.example.com/device","expires_in":1,"error":"slow_down"}',
      '{"error":"access_denied","error_description":"no"}',
    ],
    words: [
      '"verification_uri":',
      '"verification_uri_complete":',
      '"user_code":',
      '"interval":',
      '"expires_in":',
      '"error":"authorization_pending"',
      '"error":"slow_down"',
      '"error":"expired_token"',
    ],
    run: async body => {
      const shown: string[] = [];
      let now = 0;
      const pace = {
        now: () => now,
        sleep: async (ms: number) => {
          assert.ok(ms >= 0 && ms <= 3_600_000, `a pause of ${ms} ms`);
          now += ms;
          assert.ok(now <= 4_000_000, 'a wait of more than an hour');
        },
      };
      for (const status of [200, 400]) {
        await signInWithDevice(await connect(body, status), {
          signal,
          pace,
          showCode: ({ userCode, verificationUri, verificationUriComplete }) => {
            for (const url of [verificationUri, verificationUriComplete]) {
              if (url !== undefined) assert.equal(url.protocol, 'https:');
              shown.push(url?.href ?? '');
            }
            shown.push(userCode);
          },
          onTrouble: trouble => void shown.push(trouble?.message ?? ''),
        }).catch(error => shown.push(...refusal(error)));
      }
      return shown;
    },
  },
  {
    name: 'refusals',
    seeds: [
      '{"error":"invalid_grant","error_description":"no","error_uri":"https://dkp.example.com/help"}',
      '{"error":"server_error"}',
      '<html>502</html>',
    ],
    words: [
      '"error":',
      '"error_description":',
      '"error_uri":',
      'invalid_client',
      'access_denied',
      'server_error',
    ],
    run: async body => {
      const shown: string[] = [];
      for (const status of [400, 401, 500, 200]) {
        const flow = await beginCodeFlow(
          await connect(body, status),
          'http://127.0.0.1:8000/callback',
          {},
          signal,
        );
        const answer = new URLSearchParams({ code: 'x', state: flow.state, iss: fuzzedIssuer.client.issuer });
        shown.push(...(await flow.finish(answer).then(() => [], refusal)));
      }
      return shown;
    },
  },
  {
    name: 'callback',
    seeds: [
      'code=abc&state=STATE&iss=https%3A%2F%2Fdkp.example.com%2Fdex',
      'error=access_denied&error_description=no&state=STATE&iss=https%3A%2F%2Fdkp.example.com%2Fdex',
    ],
    words: [
      'code=',
      '&state=STATE',
      '&iss=',
      '&error=',
      '&error_description=',
      '&response=',
      '%1b%5b2J',
      '&id_token=',
    ],
    run: async query => {
      const flow = await beginCodeFlow(await connect('{}'), 'http://127.0.0.1:8000/callback', {}, signal);
      const answer = new URLSearchParams(query.replaceAll('STATE', flow.state));
      // No token comes of it, whatever the browser brings: the issuer gives none.
      return flow.finish(answer).then(() => assert.fail('a token out of nothing'), refusal);
    },
  },
  {
    name: 'page-redirect',
    seeds: [
      'https://dkp.example.com/dex/auth?client_id=red&scope=openid+audience:server:client_id:blue',
      '/dex/auth?client_id=red',
    ],
    words: ['client_id=', 'scope=', 'audience:server:client_id:', '%20', '+', '//', 'https:'],
    run: async location => {
      const http = {
        send: async () => ({ status: 302, headers: { location }, body: '' }),
        close: async () => undefined,
      };
      const { url } = await findClusterPage({ link, http }, { name: 'red' });
      assert.equal(url.origin, link.origin);
      return [url.href];
    },
  },
];
