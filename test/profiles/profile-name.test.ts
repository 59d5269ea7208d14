import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  freeProfileName,
  isProfileName,
  type ProfileName,
  parseProfileName,
  profileNameFault,
  profileNameFrom,
} from '../../source/profiles/profile-name.ts';
import { fc } from '../helpers/seeded.ts';
import { userError } from '../helpers/user-error.ts';

for (const name of [
  'a',
  'prod',
  'prod.eu',
  'red-prod_2',
  '0',
  '9lives',
  'x'.repeat(63),
  'console',
  'com',
  'com10',
]) {
  test(`"${name.slice(0, 20)}" is a profile name`, () => assert.equal(parseProfileName(name), name));
}

const refused: [string, string, RegExp][] = [
  ['an empty name', '', /is empty/],
  ['a name of 300 characters', 'x'.repeat(300), /longer than 63 characters/],
  ['a name of 64 characters', 'x'.repeat(64), /longer than 63 characters/],
  ['a name that differs from another by case alone', 'Prod', /may hold a-z.*\n"prod" would do/],
  ['a letter that looks like another', 'pr\u043ed', /may hold a-z/],
  ['a full-width letter', 'ｐrod', /may hold a-z.*\n"prod" would do/],
  ['a letter with an accent', 'größe', /may hold a-z/],
  ['a folder above', '../x', /may hold a-z.*\n"x" would do/],
  ['a folder above, Windows style', '..\\x', /may hold a-z/],
  ['an absolute path', '/etc/passwd', /"etc-passwd" would do/],
  ['two dots', '..', /may hold a-z/],
  ['a hidden file', '.prod', /"prod" would do/],
  ['a dot at the end, which Windows drops', 'prod.', /"prod" would do/],
  ['a flag', '-prod', /"prod" would do/],
  ['a blank', 'red prod', /"red-prod" would do/],
  ['a line end', 'prod\n', /"prod" would do/],
  ['YAML', 'a: b', /"a-b" would do/],
  ['shell', '$(reboot)', /"reboot" would do/],
  ['a NUL', 'a\u0000b', /"a-b" would do/],
  ['an escape sequence', '\u001b[31m', /The profile name "" may hold a-z.*\n"31m" would do/],
  ...['con', 'prn', 'aux', 'nul', 'com1', 'lpt9', 'con.txt', 'nul.tar.gz', 'com0'].map(
    (name): [string, string, RegExp] => [
      `${name}, which is a device on Windows`,
      name,
      /is reserved on Windows/,
    ],
  ),
];

for (const [what, name, fault] of refused) {
  test(`refused as a profile name, with the reason: ${what}`, () => {
    assert.throws(() => parseProfileName(name), userError('PROFILE_NAME_INVALID', fault));
  });
}

test('CON in capitals is refused as well', () => assert.ok(profileNameFault('CON') !== undefined));

test('a refused name reaches the terminal as plain text', () => {
  assert.throws(
    () => parseProfileName('a\u001b]52;c;ZXZpbA==\u0007\u202eb'),
    error => userError('PROFILE_NAME_INVALID')(error) && !/[\u001b\u0007\u202e]/.test(String(error)),
  );
});

const nearest: [string, string | undefined][] = [
  ['Red Prod', 'red-prod'],
  ['Größe', 'gro-e'],
  ['café', 'cafe'],
  ['prod (EU) #2', 'prod-eu-2'],
  ['https://api.example.com:6443', 'https-api.example.com-6443'],
  ['東京', undefined],
  ['...', undefined],
  ['con', undefined],
  ['', undefined],
];

for (const [text, name] of nearest) {
  test(`the profile name nearest to ${JSON.stringify(text)} is ${name ?? 'none'}`, () =>
    assert.equal(profileNameFrom(text), name));
}

const anyText = fc.oneof(fc.string({ unit: 'binary', maxLength: 200 }), fc.string({ maxLength: 200 }));

test('a name made from any text is a valid one or none', () => {
  fc.assert(
    fc.property(anyText, text => {
      const name = profileNameFrom(text);
      assert.ok(name === undefined || isProfileName(name));
    }),
  );
});

test('a valid name is one file in its folder on every system', () => {
  const nearlyNames = fc.stringMatching(/^[A-Za-z0-9._\-/\\: ]{0,70}$/);
  fc.assert(
    fc.property(fc.oneof(nearlyNames, anyText), name => {
      fc.pre(isProfileName(name));
      assert.match(name, /^[a-z0-9][a-z0-9._-]*$/);
      assert.doesNotMatch(name, /\.$|^\.\.?$/);
      assert.equal(name.toLowerCase(), name);
    }),
  );
});

const free = (candidates: string[], taken: string[] = []) =>
  freeProfileName(candidates, name => new Set(taken).has(name));

test('the first candidate that is free is proposed, then the last one with a number', () => {
  assert.equal(free(['Prod', 'prod-eu']), 'prod');
  assert.equal(free(['prod', 'prod-eu'], ['prod']), 'prod-eu');
  assert.equal(free(['prod', 'prod-eu'], ['prod', 'prod-eu']), 'prod-eu-2');
  assert.equal(free(['prod'], ['prod', 'prod-2', 'prod-3']), 'prod-4');
  assert.equal(free(['東京', 'lab']), 'lab');
});

test('where no candidate makes a name, one is found all the same', () => {
  assert.ok(isProfileName(free(['東京', '...'])));
  assert.ok(isProfileName(free([])));
});

test('a proposed name is valid and never taken, whatever the candidates and however many names are', () => {
  const names = fc.constantFrom(
    'prod',
    'prod-2',
    'prod-3',
    'cluster',
    'cluster-2',
    'x'.repeat(63),
    'con',
    'lab.eu',
  );
  const candidates = fc.array(fc.oneof(anyText, names), { maxLength: 5 });
  fc.assert(
    fc.property(candidates, fc.array(names), fc.boolean(), (wanted, taken, all) => {
      const own = all ? wanted.flatMap(text => profileNameFrom(text) ?? []) : [];
      const occupied = new Set<string>([...taken, ...own]);
      const name = freeProfileName(wanted, candidate => occupied.has(candidate));
      assert.ok(isProfileName(name));
      assert.ok(!occupied.has(name));
    }),
  );
});

test('a thousand clusters of one long name get a thousand names', () => {
  const taken = new Set<ProfileName>();
  for (let count = 0; count < 1000; count++) {
    taken.add(freeProfileName(['y'.repeat(200)], name => taken.has(name)));
  }
  assert.equal(taken.size, 1000);
  for (const name of taken) assert.ok(isProfileName(name));
});

test('one after the other they go on at the number after the last', () => {
  const taken = new Set(['cluster-2']);
  const numbering = new Map<string, number>();
  let asked = 0;
  const next = () => {
    const name = freeProfileName(
      ['東京'],
      candidate => {
        asked += 1;
        return taken.has(candidate);
      },
      numbering,
    );
    taken.add(name);
    return name;
  };
  assert.deepEqual([next(), next(), next()], ['cluster-3', 'cluster-4', 'cluster-5']);
  assert.equal(asked, 4);
});
