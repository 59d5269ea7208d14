import assert from 'node:assert/strict';
import { assertBound } from '../../../source/credentials/binding.ts';
import { parseExecInfo } from '../../../source/credentials/exec-credential.ts';
import { formatLoginLink, parseLoginLink, portalName } from '../../../source/portal/login-link.ts';
import { normalizeServerUrl } from '../../../source/portal/server-url.ts';
import { parseProfileName, profileNameFrom } from '../../../source/profiles/profile-name.ts';
import { readPastedToken } from '../../../source/sign-in/page.ts';
import { readPastedAnswer } from '../../../source/sign-in/paste.ts';
import { plainLines, plainText } from '../../../source/text.ts';
import { createAssembler } from '../../../source/wizard/parts/input-assembler.ts';
import { createTextField, textFieldKey } from '../../../source/wizard/parts/text-field.ts';
import { sampleProfile } from '../../helpers/profiles.ts';
import type { Target } from '../target.ts';
import { refusal } from './portal.ts';

const profile = sampleProfile('prod', 'https://prod.example.com:6443');
const execInfo = {
  apiVersion: 'client.authentication.k8s.io/v1',
  kind: 'ExecCredential',
  spec: { interactive: false, cluster: { server: profile.cluster.server, 'certificate-authority-data': '' } },
};

function attempt(run: () => string[]): string[] {
  try {
    return run();
  } catch (error) {
    return refusal(error);
  }
}

export const peopleTargets: readonly Target[] = [
  {
    name: 'exec-info',
    seeds: [JSON.stringify(execInfo), '{"apiVersion":"client.authentication.k8s.io/v1beta1","spec":{}}'],
    words: [
      '"tls-server-name":"x"',
      '"insecure-skip-tls-verify":true',
      '"interactive":true',
      '"server":',
      '"cluster":',
    ],
    run: text => {
      const info = parseExecInfo(text);
      assertBound(profile, info);
      // Whoever got so far may have the token: then the server is the profile's own, or a person calls.
      if (info !== undefined)
        assert.equal(normalizeServerUrl(info.cluster?.server ?? ''), profile.cluster.server);
      return [];
    },
  },
  {
    name: 'login-link',
    seeds: [
      'https://dkp.example.com/token/landing/',
      'dkp.example.com',
      'https://dkp.example.com/dkp/kommander/dashboard/?tenant-id=red',
      'https://dkp.example.com:8443/prefix/token/workspace/team-red',
      'https://[2001:db8::1]/token/login/x?tenant-id=a',
    ],
    words: ['/landing/', '/workspace/', '?tenant-id=', '/dkp/', '/dex', '/ops', '..', '%2e%2e', '%2f'],
    run: text => {
      const link = parseLoginLink(text);
      const again = parseLoginLink(formatLoginLink(link));
      assert.deepEqual(again, link);
      // It becomes the name of a file.
      assert.match(portalName(link), /^[^/\\\0]+$/);
      assert.doesNotMatch(portalName(link), /^\.\.?$/);
      return [formatLoginLink(link), portalName(link)];
    },
  },
  {
    name: 'server-url',
    seeds: ['https://Prod.example.com:443/dkp/api-server/', 'https://[::1]:6443'],
    words: [':443', ':6443', '//', '/..', '%2f', '@', '?', '#'],
    run: text => {
      const server = normalizeServerUrl(text);
      if (server === undefined) return [];
      assert.equal(normalizeServerUrl(server), server);
      assert.equal(new URL(server).protocol, 'https:');
      return [server];
    },
  },
  {
    name: 'pasted',
    seeds: [
      'kubectl config set-credentials ada-prod --token=eyJhbGci.eyJpc3M.c2ln',
      'eyJhbGci.eyJp\nc3M.c2ln\n',
      'http://127.0.0.1:8000/callback?code=abcdef&state=s1',
      'code=abcdef&state=s1&iss=https%3A%2F%2Fdkp.example.com',
      'abcdef',
    ],
    words: ['eyJ', '.', '\n', 'code=', 'state=s1', 'error=', 'http://127.0.0.1:8000/callback?', '&', '%'],
    run: text => {
      const redirectUri = 'http://127.0.0.1:8000/callback';
      const answer = readPastedAnswer(text, { redirectUri, state: 's1', wholeOnly: false });
      if (typeof answer !== 'string') assert.equal(answer.get('state'), 's1');
      const token = attempt(() => [readPastedToken(text)]);
      return [...token, typeof answer === 'string' ? answer : ''];
    },
  },
  {
    name: 'profile-name',
    seeds: ['prod', 'con', 'Größe 1', 'a'.repeat(70)],
    words: ['com1', 'nul.', '..', '/', 'ﬁ', 'İ'],
    run: text => [profileNameFrom(text) ?? '', parseProfileName(text)],
  },
  {
    name: 'terminal-text',
    seeds: ['Corporate Directory', '\u001b[31mred\u001b[0m', '\u001b]8;;http://x\u001b\\y', 'a\nb\r\nc\td'],
    words: [
      '\u001b',
      '\u001b[',
      '\u001b]',
      '\u009b',
      '\u009d',
      '\u001b\\',
      '\u0007',
      '\u202e',
      '\u200d',
      '\u00ad',
      '\u{e0001}',
    ],
    run: text => [plainText(text), plainLines(text), plainText(text, 3), plainLines(plainLines(text))],
  },
  {
    name: 'keys',
    seeds: [
      'prod\r',
      '\u001b[A\u001b[B',
      '\u001b[200~dkp.example.com\u001b[201~\r',
      '\u001b\u001b',
      '\u001b[1;5D',
    ],
    words: ['\u001b', '[', 'O', '\u001b[200~', '\u001b[201~', '\u0003', '\r', '\u007f', '\u001b[<0;1;1M'],
    run: text => {
      // However a slow link cuts the input, the same keys come out of it.
      const pieces = (size: number) => {
        const assembler = createAssembler();
        const parts = text.match(new RegExp(`[^]{1,${size}}`, 'g')) ?? [];
        return parts.map(part => assembler.push(part)).join('') + assembler.flush();
      };
      if (!text.includes('\u0003')) {
        const whole = pieces(text.length || 1);
        for (const size of [1, 3]) assert.equal(pieces(size), whole);
      }
      let field = createTextField('', { maxLength: 200 });
      for (const key of [
        { name: 'paste', text },
        { name: 'left' },
        { name: 'text', text: text.slice(0, 2) },
        { name: 'wordleft' },
        { name: 'killwordright' },
        { name: 'ctrl', letter: 'w' },
      ] as const) {
        field = textFieldKey(field, key);
        assert.ok(field.cursor >= 0 && field.cursor <= field.value.length);
      }
      return [];
    },
  },
];
