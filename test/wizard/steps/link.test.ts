import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatLoginLink } from '../../../source/portal/login-link.ts';
import { chosenItems } from '../../../source/wizard/parts/select-list.ts';
import { globalLink, startWalk, workspaceLink } from '../../helpers/wizard.ts';

const remembered = [
  { loginLink: workspaceLink, identityProvider: 'github', lastUsed: 2 },
  { loginLink: globalLink, lastUsed: 1 },
];

for (const [typed, understood] of [
  [globalLink, globalLink],
  [workspaceLink, workspaceLink],
  ['dkp.example.com', globalLink],
  ['https://dkp.example.com/dkp/kommander/dashboard', globalLink],
  ['https://dkp.example.com/dkp/kommander/dashboard/?tenant-id=team-red', workspaceLink],
  [`  ${workspaceLink}/  `, workspaceLink],
] as const) {
  test(`${typed.trim()} is understood`, () => {
    const walk = startWalk();
    walk.type(typed);
    walk.press('enter');
    const { link } = walk.state;
    assert.equal(link && formatLoginLink(link), understood);
  });
}

test('a pasted link is taken without its line end', () => {
  const walk = startWalk();
  walk.paste(`${workspaceLink}\n`);
  assert.equal(walk.state.linkField.value, workspaceLink);
});

for (const typed of [
  '',
  'http://dkp.example.com/token/landing/',
  'ftp://x',
  'https://ada:secret@dkp.example.com',
]) {
  test(`${JSON.stringify(typed)} is refused, and what was typed stays`, () => {
    const walk = startWalk();
    walk.type(typed);
    walk.press('enter');
    assert.equal(walk.state.problem?.code, 'LINK_INVALID');
    assert.deepEqual([walk.state.step, walk.state.linkField.value], ['link', typed]);
    assert.deepEqual(walk.effects, []);
    walk.type('x');
    assert.equal(walk.state.problem, undefined);
  });
}

test('links used before are offered, the latest first, and the provider used there is marked', () => {
  const walk = startWalk({ remembered });
  assert.deepEqual(
    walk.state.linkList?.items.map(({ label }) => label),
    [workspaceLink, globalLink, 'Another login link'],
  );
  walk.press('enter');
  assert.equal(walk.state.link?.workspace, 'team-red');
  assert.equal(walk.state.providerList?.activeId, 'github');
});

test('another link can be typed, and Escape comes back to those used before', () => {
  const walk = startWalk({ remembered });
  walk.press('end', 'enter');
  assert.equal(walk.state.linkList, undefined);
  walk.type('dkp.other.example');
  walk.press('escape');
  assert.equal(walk.state.leaving, false);
  assert.ok(walk.state.linkList);
  walk.press('end', 'enter');
  assert.equal(walk.state.linkField.value, 'dkp.other.example');
  walk.press('enter');
  assert.equal(walk.state.link?.origin, 'https://dkp.other.example');
});

test('the list of links is filtered by typing, and Escape first clears the filter', () => {
  const walk = startWalk({ remembered });
  walk.type('team');
  assert.equal(walk.state.linkList?.shown.length, 1);
  walk.press('escape');
  assert.deepEqual([walk.state.linkList?.filter, walk.state.leaving], ['', false]);
  assert.deepEqual(walk.state.linkList && chosenItems(walk.state.linkList), []);
});

test('an address pasted into the list of links, or typed there, is another link', () => {
  const walk = startWalk({ remembered });
  walk.paste('https://new.example.com/token/landing/');
  assert.equal(walk.state.linkField.value, 'https://new.example.com/token/landing/');
  walk.press('enter');
  assert.equal(walk.state.link?.origin, 'https://new.example.com');
  const typed = startWalk({ remembered });
  typed.type('new.example.com');
  typed.press('enter', 'enter');
  assert.equal(typed.state.link?.origin, 'https://new.example.com');
});
