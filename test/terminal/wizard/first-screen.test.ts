import assert from 'node:assert/strict';
import fs from 'node:fs/promises';
import path from 'node:path';
import { it, type TestContext } from 'node:test';
import { texts } from '../../../source/wizard/texts.ts';
import { temporaryHome } from '../../helpers/home.ts';
import { cli } from '../../helpers/program.ts';
import { openTerminal, type Terminal } from '../harness/terminal.ts';

/** Words that stand in a library's code, and nowhere else. */
const libraries = {
  undici: 'UND_ERR_CONNECT_TIMEOUT',
  yaml: 'BLOCK_AS_IMPLICIT_KEY',
  'openid-client': 'client_secret_basic',
  commander: 'commander.unknownOption',
  htmlparser2: 'onclosetag',
} as const;

const dist = path.dirname(cli);
/** Writes down what has been loaded by the time that the wizard draws its first question. */
const recorder = `
import { registerHooks } from 'node:module';
import { writeFileSync } from 'node:fs';
const files = [];
registerHooks({ load: (url, context, next) => { files.push(url); return next(url, context); } });
const { write } = process.stderr;
process.stderr.write = function (text, ...rest) {
  if (files.some(url => url.endsWith('/dist/main.js')) && String(text).includes(process.env.QUESTION)) {
    const loaded = end => process.moduleLoadList.some(name => name.endsWith(end));
    const heavy = ['internal/deps/undici/undici', 'NativeModule crypto'].filter(loaded);
    writeFileSync(process.env.RECORD, JSON.stringify({ files, heavy }), { flag: 'wx' });
    process.stderr.write = write;
  }
  return write.call(this, text, ...rest);
};`;

/** The question is there before what answers it. */
async function answersKeys(terminal: Terminal): Promise<void> {
  await terminal.waitFor(texts.linkQuestion);
  terminal.type('dkp');
  await terminal.waitFor(/^dkp$/m);
}

async function loadedByTheFirstScreen(test: TestContext) {
  const home = await temporaryHome(test);
  const record = home.path('loaded.json');
  const question = texts.linkQuestion.slice(0, 18);
  const terminal = openTerminal(test, {
    command: process.execPath,
    args: ['--import', `data:text/javascript,${encodeURIComponent(recorder)}`, cli],
    cwd: home.folder,
    env: { ...home.env, RECORD: record, QUESTION: question },
  });
  await answersKeys(terminal);
  const { files, heavy } = JSON.parse(await fs.readFile(record, 'utf8'));
  const ours = (files as string[]).filter(url => url.includes('/chunk-')).map(url => path.basename(url));
  return { ours, heavy: heavy as string[] };
}

it('the first screen is drawn before anything that talks to servers or reads kubeconfigs is loaded', async t => {
  const { ours, heavy } = await loadedByTheFirstScreen(t);
  assert.deepEqual(heavy, [], "Node's own HTTP client and cryptography stay away");
  assert.ok(!ours.some(file => /^chunk-(driver|login|program|token)-/.test(file)), ours.join('\n'));
  const code = async (file: string) => fs.readFile(path.join(dist, file), 'utf8');
  const chunks = (await fs.readdir(dist)).filter(file => file.endsWith('.js'));
  for (const [library, word] of Object.entries(libraries)) {
    const holders: string[] = [];
    for (const file of chunks) if ((await code(file)).includes(word)) holders.push(file);
    assert.ok(holders.length > 0, `${library} is in no file: look for another word`);
    assert.deepEqual(
      holders.filter(file => ours.includes(file)),
      [],
      library,
    );
  }
});

/** Writes down what has been loaded by the time that the program's own file is about to be. */
const earlyRecorder = `
import { registerHooks } from 'node:module';
import { writeFileSync } from 'node:fs';
const before = process.moduleLoadList.length;
const files = [];
registerHooks({ load(url, context, next) {
  if (url.endsWith('/dist/main.js'))
    writeFileSync(process.env.RECORD, JSON.stringify({ files, modules: process.moduleLoadList.slice(before) }));
  files.push(url);
  return next(url, context);
} });`;

it('the first frame stands before anything but one small file is loaded', async t => {
  const home = await temporaryHome(t);
  const record = home.path('loaded.json');
  const terminal = openTerminal(t, {
    command: process.execPath,
    args: ['--import', `data:text/javascript,${encodeURIComponent(earlyRecorder)}`, cli],
    cwd: home.folder,
    env: { ...home.env, RECORD: record },
  });
  await answersKeys(terminal);
  const { files, modules } = JSON.parse(await fs.readFile(record, 'utf8')) as Record<string, string[]>;
  const ours = (files ?? []).filter(url => url.startsWith('file:')).map(url => path.basename(url));
  assert.deepEqual(ours, ['cli.js', 'first-frame-main.js']);
  const heavy = (modules ?? []).filter(name => /crypto|child_process|http|tls|undici|zlib/.test(name));
  assert.deepEqual(heavy, []);
  const { size } = await fs.stat(path.join(dist, 'first-frame-main.js'));
  assert.ok(size < 60_000, `${size} bytes`);
});
