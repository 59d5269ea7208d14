import fs from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { toUserError } from '../../source/errors.ts';
import { claimProfile } from '../../source/profiles/registry.ts';
import { pathsOf } from '../../source/system/paths.ts';
import { account, sampleProfile } from '../helpers/profiles.ts';

// One process of the race in registry.test.ts: it waits until all are there, then claims the name.
const [name = '', server = '', person] = process.argv.slice(2);
const { BARRIER: barrier = '', CLAIMANTS: claimants } = process.env;

await fs.writeFile(path.join(barrier, String(process.pid)), '');
while ((await fs.readdir(barrier)).length < Number(claimants)) await wait(2);

const profile = sampleProfile(name, server, person === undefined ? {} : { account: account(person) });
const outcome = await claimProfile(pathsOf(process.env), profile).catch(
  (error: unknown) => toUserError(error).code,
);
process.stdout.write(`${outcome} ${server} ${person ?? ''}\n`);
