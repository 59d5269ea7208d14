import assert from 'node:assert/strict';
import fs from 'node:fs/promises';
import { after, before, describe, it } from 'node:test';
import { parse } from 'yaml';
import type { DoctorDocument } from '../../source/doctor/report.ts';
import { demoForTests } from '../demo/helpers.ts';
import { temporaryHome } from '../helpers/home.ts';
import { kubectl, runKubectl, signInToClusters } from '../helpers/kubectl.ts';
import { runProgram } from '../helpers/program.ts';

const cluster = 'red-lab';

describe(`the entry for kubectl's list of plugins, read by ${kubectl.split('/').at(-1)}`, async () => {
  const demo = await demoForTests();
  const home = await temporaryHome({ after });
  const kuberc = home.path('kuberc');
  const pods = () =>
    runKubectl([`--kubeconfig=${home.path('kube', `${cluster}.yaml`)}`, 'get', 'pods', '-A'], {
      env: { ...home.env, KUBERC: kuberc },
    });
  const entry = async (...flags: string[]) => {
    const { code, stdout, stderr } = await runProgram(['config', 'kuberc', ...flags], { env: home.env });
    assert.equal(code, 0, stderr);
    return stdout;
  };

  before(() => signInToClusters(demo, home, { method: '2', clusters: [cluster] }));

  it('lets kubectl run the plugin, and without it kubectl refuses', async () => {
    await fs.writeFile(kuberc, await entry());
    const { code, stdout, stderr } = await pods();
    assert.deepEqual([code, stderr], [0, '']);
    assert.match(stdout, /NAMESPACE/);

    await fs.writeFile(kuberc, (await entry()).replace(/command: .*/, 'command: /usr/bin/some-other-plugin'));
    const refused = await pods();
    assert.equal(refused.code, 1);
    assert.match(refused.stderr, /allowlist/i);
    assert.doesNotMatch(refused.stdout, /NAMESPACE/);
  });

  it('names the field as the kubectl that is told reads it', async () => {
    const fieldsFor = async (version: string) =>
      Object.keys(parse(await entry('--kubectl', version)).credentialPluginAllowlist[0]);
    assert.deepEqual(await fieldsFor('1.35'), ['name']);
    assert.deepEqual(await fieldsFor('v1.37.2'), ['command']);
    const { code, stderr } = await runProgram(['config', 'kuberc', '--kubectl', '1.34'], { env: home.env });
    assert.equal(code, 2);
    assert.match(stderr, /from 1\.35 on/);
  });

  it('is what the doctor looks for', async () => {
    await fs.writeFile(kuberc, await entry());
    const env = { ...home.env, KUBERC: kuberc };
    const { stdout } = await runProgram(['doctor', '--json'], { env });
    const { groups } = JSON.parse(stdout) as DoctorDocument;
    const check = groups.flatMap(({ checks }) => checks).find(({ id }) => id === 'kuberc');
    assert.deepEqual([check?.verdict, check?.todo], ['ok', null], check?.seen);
    assert.match(check?.seen ?? '', /allows dkp-auth/);
  });
});
