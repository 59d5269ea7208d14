import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { describe, test } from 'node:test';
import { parseDocument } from 'yaml';
import { runProgram, startProgram } from '../../helpers/program.ts';
import { assertDone, assertIs, type Desk, deskAt, kubeconfigOf } from '../desk.ts';
import { issuerUrl } from '../dex-login.ts';
import { labDoes, portalNamed, serverNamed, userNamed } from '../harness.ts';
import { isolated } from '../issuer-desk.ts';
import { setScene } from '../scene.ts';
import type { IssuerId } from '../world.ts';

const scene = setScene();
const clientId = 'people-of-the-lab';

/** What the program prints for an administrator: for Dex's configuration, and to hand out. */
async function printed(
  desk: Desk,
  args: readonly string[],
): Promise<{ clients: string; portalFile: string }> {
  const files = { clients: desk.path('clients.yaml'), portalFile: desk.path('portal.yaml') };
  for (const [file, format] of [
    [files.clients, 'static'],
    [files.portalFile, 'portal-file'],
  ] as const) {
    const all = ['admin', 'dex-client', ...args, '--client-id', clientId, '--format', format];
    const { stdout } = assertDone(await runProgram(all, { env: desk.env }));
    await writeFile(file, stdout, { mode: 0o600 });
  }
  return files;
}

/** A Dex whose clients are the printed ones and no others; the API servers go on trusting it. */
async function apply(
  t: { after(run: () => Promise<void>): void },
  id: IssuerId,
  file: string,
): Promise<void> {
  t.after(() => labDoes('restart', id));
  await labDoes('restart', id, '--with', file);
}

async function signIn(
  desk: Desk,
  portalFile: string,
  way: 'browser' | 'device',
  flags: readonly string[] = [],
) {
  const john = userNamed('john');
  const which = ['--portal-file', portalFile, '--all-clusters', '--method', '2', '--yes', '--sign-in-now'];
  const program = startProgram(['login', ...which, '--sign-in', way, ...flags], { env: desk.env });
  await scene.person.signIn(await program.address(way === 'device' ? 2 : 1), john);
  assertDone(await program.ended);
  for (const name of isolated) assertIs(await desk.whoami([kubeconfigOf(desk, name)]), john);
}

describe('what admin dex-client prints, applied to Dex', () => {
  test('from a login link: browser and device sign-in work with the portal file as it is', async t => {
    const office = await deskAt(t, scene.lab);
    const { loginLink, caFile } = portalNamed(scene.lab, 'portal-isolated');
    const { clients, portalFile } = await printed(office, [loginLink, '--ca-file', caFile]);
    assert.match(await readFile(clients, 'utf8'), /^ *- id: isolated-b$/m);
    await apply(t, 'dex', clients);
    for (const way of ['browser', 'device'] as const) {
      await signIn(await deskAt(t, scene.lab), portalFile, way);
    }
  });

  test('from clusters that are named, at the older Dex: the same, once their authorities are added', async t => {
    const office = await deskAt(t, scene.lab);
    const named = isolated.flatMap(name => ['--cluster', `${name}=${serverNamed(scene.lab, name).server}`]);
    const issuer = ['--issuer', issuerUrl(scene.lab, 'dex-older'), '--ca-file', scene.lab.caFile];
    const { clients, portalFile } = await printed(office, [...named, ...issuer]);
    const document = parseDocument(await readFile(portalFile, 'utf8'));
    for (const [index, name] of isolated.entries()) {
      document.setIn(['clusters', index, 'ca'], await readFile(serverNamed(scene.lab, name).caFile, 'utf8'));
    }
    await writeFile(portalFile, document.toString());
    await apply(t, 'dex-older', clients);
    await signIn(await deskAt(t, scene.lab), portalFile, 'browser', ['--redirect-host', 'localhost']);
    await signIn(await deskAt(t, scene.lab), portalFile, 'device');
  });
});
