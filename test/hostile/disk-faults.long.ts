import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import fs from 'node:fs/promises';
import path from 'node:path';
import { it } from 'node:test';
import { UserError } from '../../source/errors.ts';
import { randomFrom } from '../fuzz/random.ts';
import { filesBelow, temporaryHome } from '../helpers/home.ts';
import { assertNoToken, assertPlain } from '../helpers/plain-output.ts';
import { seed } from '../helpers/seeded.ts';
import { Death, disturbed, type Fault, installFaults } from './faulty-files.ts';

const faults = Number(process.env['DKP_AUTH_FAULTS'] ?? 300);
const codes = [
  'ENOSPC',
  'EIO',
  'EDQUOT',
  'EROFS',
  'EACCES',
  'EPERM',
  'EMFILE',
  'EINTR',
  'ESTALE',
  'ENAMETOOLONG',
];

// Every write is synced; a disk of memory makes hundreds of them bearable.
if (existsSync('/dev/shm')) process.env['TMPDIR'] = '/dev/shm';
await installFaults();
const { assertWhole, furnish, scenes } = await import('./file-scenes.ts');

it(`after any fault of a disk the next run works, nothing is torn and nothing good is lost (${faults} faults, seed ${seed})`, async test => {
  const random = randomFrom(seed);
  const struck = new Map<string, number>();
  for (let trial = 0; trial < faults; trial += 1) {
    const scene = random.pick(scenes);
    const cleanups: (() => Promise<void>)[] = [];
    const home = await temporaryHome({ after: run => void cleanups.push(run) });
    await furnish(home);
    await scene.prepare?.(home);
    const copy = `${home.folder}.copy`;
    await fs.cp(home.folder, copy, { recursive: true });
    const { count } = await disturbed(() => scene.act(home));
    await fs.rm(home.folder, { recursive: true });
    await fs.rename(copy, home.folder);

    // This process lives on; what becomes of a dead one's locks is the lock's own test.
    const mayDie = scene.name !== 'a session that is kept';
    const fault: Fault = random.pick<Fault>([
      { kind: 'error', code: random.pick(codes) },
      { kind: 'half', code: random.pick(['ENOSPC', 'EDQUOT', 'EIO']) },
      ...(mayDie
        ? [{ kind: 'death', when: 'before' } as const, { kind: 'death', when: 'after' } as const]
        : []),
    ]);
    const nth = 1 + random.below(count);
    const { result, hit } = await disturbed(() => scene.act(home), nth, fault);
    if (fault.kind === 'death') await releaseLocks(home.folder);
    const where = `trial ${trial}: ${scene.name}, ${JSON.stringify(fault)} at ${hit}, operation ${nth} of ${count}`;
    try {
      if (result.kind === 'failed' && !(result.error instanceof Death) && fault.kind !== 'death') {
        const { error } = result;
        assert.ok(error instanceof UserError, `not an error for people: ${String(error)}`);
        assertPlain(error.message);
        assert.match(error.hint ?? '', /\S/);
        assertNoToken(error.message, error.hint ?? '');
      }
      await assertWhole(home, scene);
      if (fault.kind !== 'death' && !['rm', 'unlinkSync'].includes(hit ?? '')) {
        const left = (await filesBelow(home.folder)).filter(file => file.endsWith('.tmp'));
        assert.deepEqual(left, []);
      }
      await scene.act(home);
      await scene.isDone(home);
      await assertWhole(home, scene);
    } catch (error) {
      throw new Error(`${where}: ${error instanceof Error ? error.message : error}`, { cause: error });
    }
    struck.set(`${hit}`, (struck.get(`${hit}`) ?? 0) + 1);
    for (const cleanup of cleanups) await cleanup();
  }
  test.diagnostic(JSON.stringify(Object.fromEntries(struck)));
  assert.ok(struck.size > 0);
});

async function releaseLocks(folder: string): Promise<void> {
  const locks = (await filesBelow(folder)).filter(file => /\.lock(\.|$)/.test(file));
  for (const file of locks) await fs.rm(path.join(folder, file));
}
