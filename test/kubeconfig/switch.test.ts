import assert from 'node:assert/strict';
import fs from 'node:fs/promises';
import path from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { stringify } from 'yaml';
import { planSwitch } from '../../source/kubeconfig/switch.ts';
import { type Home, temporaryHome } from '../helpers/home.ts';
import { sampleProfile } from '../helpers/profiles.ts';

type Context = { readonly name: string; readonly profile?: string; readonly token?: boolean };

/** A kubeconfig with these contexts, each for the profile of its name if no other is given. */
async function write(
  home: Home,
  file: string,
  contexts: readonly Context[],
  current?: string,
): Promise<string> {
  const users = contexts.map(({ name, profile = name, token }) => ({
    name: `user of ${name}`,
    user: token ? { token: 'x' } : { exec: { command: '/bin/dkp-auth-token', args: ['--profile', profile] } },
  }));
  const document = {
    ...(current !== undefined && { 'current-context': current }),
    clusters: [{ name: 'c', cluster: { server: 'https://c.example.com:443/' } }],
    contexts: contexts.map(({ name }, index) => ({
      name,
      context: { cluster: 'c', user: users[index]?.name },
    })),
    users,
  };
  const whole = home.path(file);
  await fs.mkdir(path.dirname(whole), { recursive: true });
  await fs.writeFile(whole, stringify(document));
  return whole;
}

const [prod, lab] = [{ name: 'prod' }, { name: 'lab' }];
const plan = (kubeconfigs: readonly string[], env: Record<string, string>) =>
  planSwitch(sampleProfile('prod', 'https://c.example.com', { kubeconfigs: [...kubeconfigs] }), env);

async function setUp(t: TestContext) {
  const home = await temporaryHome(t);
  return { home, env: { HOME: home.folder } };
}

describe('switching to a profile', () => {
  it('names a file of its own, and changes nothing in it', async t => {
    const { home, env } = await setUp(t);
    const file = await write(home, 'prod.yaml', [prod], 'prod');
    assert.deepEqual(await plan([file], env), { file, context: 'prod', edit: undefined, variable: file });
    const shared = await write(home, '.kube/config', [prod, lab], 'lab');
    assert.equal((await plan([shared, file], env))?.file, file);
  });

  it('makes its context the current one where it is not', async t => {
    const { home, env } = await setUp(t);
    const file = await write(home, 'both.yaml', [lab, prod], 'lab');
    assert.deepEqual(await plan([file], env), { file, context: 'prod', edit: file, variable: file });
    const alone = await write(home, 'prod.yaml', [prod]);
    assert.equal((await plan([alone], env))?.edit, alone);
  });

  it('leaves KUBECONFIG as it is where the file is in play', async t => {
    const { home, env } = await setUp(t);
    const usual = await write(home, '.kube/config', [prod, lab], 'lab');
    assert.deepEqual(await plan([usual], env), {
      file: usual,
      context: 'prod',
      edit: usual,
      variable: undefined,
    });
    await write(home, '.kube/config', [prod, lab], 'prod');
    assert.deepEqual(await plan([usual], env), {
      file: usual,
      context: 'prod',
      edit: undefined,
      variable: undefined,
    });
    const link = home.path('link');
    await fs.symlink(usual, link);
    assert.equal((await plan([link], env))?.variable, undefined);
  });

  it('writes into the first file of a list, as kubectl does', async t => {
    const { home, env } = await setUp(t);
    const first = await write(home, 'first', [{ name: 'other' }], 'other');
    const file = await write(home, 'second', [prod, lab], 'prod');
    const KUBECONFIG = [home.path('missing'), first, file].join(':');
    assert.deepEqual(await plan([file], { ...env, KUBECONFIG }), {
      file,
      context: 'prod',
      edit: first,
      variable: undefined,
    });
  });

  it('does not take another context of the same name for it', async t => {
    const { home, env } = await setUp(t);
    const first = await write(home, 'first', [{ name: 'prod', profile: 'stranger' }, lab], 'lab');
    const file = await write(home, 'second', [prod, lab]);
    const KUBECONFIG = [first, file].join(':');
    assert.deepEqual(await plan([file], { ...env, KUBECONFIG }), {
      file,
      context: 'prod',
      edit: file,
      variable: file,
    });
    assert.equal(await plan([first], env), undefined);
  });

  it('finds a context that is called otherwise, and one with a token written out', async t => {
    const { home, env } = await setUp(t);
    const renamed = await write(home, 'a.yaml', [{ name: 'my-cluster', profile: 'prod' }, lab], 'lab');
    assert.equal((await plan([renamed], env))?.context, 'my-cluster');
    const token = await write(home, 'b.yaml', [{ name: 'prod', token: true }], 'prod');
    assert.equal((await plan([home.path('gone.yaml'), token], env))?.file, token);
  });

  it('finds nothing where the files are gone, or hold others', async t => {
    const { home, env } = await setUp(t);
    assert.equal(await plan([], env), undefined);
    assert.equal(await plan([home.path('gone'), await write(home, 'lab.yaml', [lab])], env), undefined);
  });
});
