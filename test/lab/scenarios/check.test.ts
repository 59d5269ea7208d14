import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { test } from 'node:test';
import type { findingsDocument } from '../../../source/check/report-json.ts';
import { readKubeconfig } from '../../../source/kubeconfig/read.ts';
import { jsonOf, runProgram } from '../../helpers/program.ts';
import { assertDone, assertIs, type Desk, deskAt } from '../desk.ts';
import type { LabPortal } from '../document.ts';
import { portalNamed, serverNamed, userNamed } from '../harness.ts';
import { fetchFrom } from '../probe.ts';
import { setScene } from '../scene.ts';

const scene = setScene();

/** The platform's download. Its plugin trusts the ingress, whose authority is not that of an API server here. */
async function download(desk: Desk, portal: LabPortal): Promise<string> {
  const ca = await readFile(portal.caFile, 'utf8');
  const { body } = await fetchFrom(new URL('/token/plugin/kubeconfig', portal.loginLink).href, { ca });
  const file = desk.path('platform.yaml');
  const data = Buffer.from(ca).toString('base64');
  await writeFile(file, body.replace(/-ca-data=\S+/, `-ca-data=${data}`), { mode: 0o600 });
  return file;
}

test('a kubeconfig of the platform: its fault is named, mended, and each cluster has its own token', async t => {
  const desk = await deskAt(t, scene.lab);
  const portal = portalNamed(scene.lab, 'portal-stock');
  const file = await download(desk, portal);
  const check = (...args: string[]) => runProgram(['check', ...args, file], { env: desk.env });

  const { findings } = jsonOf<ReturnType<typeof findingsDocument>>(await check('--json'));
  const shared = findings.find(({ code }) => code === 'SHARED_USER');
  assert.match(shared?.message ?? '', /"default-profile" serves 2 clusters/);
  assert.equal(shared?.command, `dkp-auth check --fix ${file}`);

  assertDone(await check('--fix', '--yes'));
  const { entries } = readKubeconfig(await readFile(file, 'utf8'), file);
  const contexts = entries.filter(({ section }) => section === 'contexts');
  assert.deepEqual(
    contexts.map(({ name, content }) => [name, content['user']]),
    ['stock-a', 'stock-b'].map(name => [`default-profile-${name}.lab.example`, name]),
  );

  const jane = userNamed('jane');
  const tokens = [];
  for (const { name, content } of contexts) {
    const kubeconfig = [`--kubeconfig=${file}`, `--context=${name}`];
    const firstCall = desk.kubectlInTerminal([...kubeconfig, 'auth', 'whoami']);
    const isAddress = (line: string) => line.startsWith('https://');
    await firstCall.waitFor(() => firstCall.logicalLines().some(isAddress), { timeout: 30_000 });
    await scene.person.signIn(firstCall.logicalLines().find(isAddress) ?? '', jane);
    assert.deepEqual(await firstCall.exit, { code: 0 }, firstCall.logicalLines().join('\n'));
    assertIs(await desk.whoami(kubeconfig), jane);
    const profile = String(content['user']);
    const kept = JSON.parse(await readFile(desk.path('state', 'credentials', `${profile}.json`), 'utf8'));
    assert.equal(kept.server, serverNamed(scene.lab, profile).server);
    tokens.push(kept.token);
  }
  assert.equal(new Set(tokens).size, 2, 'two clusters share a token');
  assertDone(await check());
});
