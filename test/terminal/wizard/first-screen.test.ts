import assert from 'node:assert/strict';
import fs from 'node:fs/promises';
import path from 'node:path';
import { it, type TestContext } from 'node:test';
import { texts } from '../../../source/wizard/texts.ts';
import { temporaryHome } from '../../helpers/home.ts';
import { cli } from '../../helpers/program.ts';
import { openTerminal } from '../harness/terminal.ts';

/** Words that stand in a library's code, and nowhere else. */
const libraries = {
  undici: 'UND_ERR_CONNECT_TIMEOUT',
  yaml: 'BLOCK_AS_IMPLICIT_KEY',
  'openid-client': 'client_secret_basic',
  commander: 'commander.unknownOption',
  conf: 'projectVersion',
  htmlparser2: 'onclosetag',
} as const;

const dist = path.dirname(cli);
/** Writes down what has been loaded by the time that the first question is drawn. */
const recorder = `
import { registerHooks } from 'node:module';
import { writeFileSync } from 'node:fs';
const files = [];
registerHooks({ load: (url, context, next) => { files.push(url); return next(url, context); } });
const { write } = process.stderr;
process.stderr.write = function (text, ...rest) {
  if (String(text).includes(process.env.QUESTION)) {
    const undici = process.moduleLoadList.some(name => name.endsWith('internal/deps/undici/undici'));
    writeFileSync(process.env.RECORD, JSON.stringify({ files, undici }), { flag: 'wx' });
    process.stderr.write = write;
  }
  return write.call(this, text, ...rest);
};`;

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
  await terminal.waitFor(screen => screen.some(line => line.includes(question)));
  const { files, undici } = JSON.parse(await fs.readFile(record, 'utf8'));
  const ours = (files as string[]).filter(url => url.includes('/chunk-')).map(url => path.basename(url));
  return { ours, undici: undici as boolean };
}

it('the first screen is drawn before anything that talks to servers or reads kubeconfigs is loaded', async t => {
  const { ours, undici } = await loadedByTheFirstScreen(t);
  assert.equal(undici, false, "Node's own HTTP client is loaded");
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
