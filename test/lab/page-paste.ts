import assert from 'node:assert/strict';
import { type Ended, startProgram } from '../helpers/program.ts';
import type { Desk } from './desk.ts';
import type { LabPortal } from './document.ts';
import type { Person } from './person.ts';
import type { LabUser } from './world.ts';

/** A login by a cluster's own page: the person signs in there and pastes the line that it shows. */
export async function loginByPage(
  desk: Desk,
  portal: LabPortal,
  cluster: string,
  { person, user }: { person: Person; user: LabUser },
): Promise<Ended> {
  const address = new URL(`/token/login/${cluster}`, portal.loginLink);
  const page = await person.signIn(address, user);
  const [line] = /kubectl config set-credentials \S+\s+(?:\\\s+)?--token=\S+/.exec(page) ?? [];
  assert.ok(line, page);
  const flags = ['--cluster', cluster, '--method', '2', '--profile', cluster, '--sign-in', 'page'];
  const args = ['login', portal.loginLink, '--ca-file', portal.caFile, ...flags];
  const program = startProgram(args, { env: desk.env, input: line });
  assert.equal(await program.address(), address.href);
  return program.ended;
}
