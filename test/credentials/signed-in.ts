import assert from 'node:assert/strict';
import fs from 'node:fs/promises';
import path from 'node:path';
import { type Renewal, type RenewOptions, renewToken } from '../../source/credentials/renew.ts';
import { openSecretStore } from '../../source/credentials/secret-store.ts';
import type { Session } from '../../source/credentials/session.ts';
import { keepSession, openSessions } from '../../source/credentials/session-store.ts';
import { fakeClientId } from '../helpers/fake-issuer.ts';
import { temporaryHome } from '../helpers/home.ts';
import type { RenewerPlan } from './renewer.ts';
import { startRotatingIssuer } from './rotating-issuer.ts';

export const red = { kind: 'dex-client', client: 'red' } as const;

/** Ada, signed in once for two clusters, with her session in a file. */
export async function signedIn(t: { after(run: () => Promise<void>): void }, reuseMs?: number) {
  const dex = await startRotatingIssuer(t, reuseMs);
  const home = await temporaryHome(t);
  const sessions = openSessions(home.paths, openSecretStore({ choice: 'file', env: home.env }));
  const login = dex.login('ada', ['red', 'blue']);
  await keepSession(sessions, login);
  const { issuer } = dex;
  const options: RenewOptions = {
    http: issuer.http,
    client: issuer.client(),
    sessions,
    account: login.account,
    audience: red,
  };
  return {
    dex,
    home,
    sessions,
    login,
    options,
    renew: (more: Partial<RenewOptions> = {}) => renewToken({ ...options, ...more }),
    async stored(): Promise<Session | undefined> {
      const read = await sessions.read(login.id);
      return read.kind === 'found' ? read.session : undefined;
    },
  };
}

export function assertKind<Kind extends Renewal['kind']>(
  renewal: Renewal,
  kind: Kind,
): asserts renewal is Extract<Renewal, { kind: Kind }> {
  const told = 'error' in renewal ? renewal.error.message : '';
  assert.equal(renewal.kind, kind, told);
}

export async function planFor(issuer: { url: string; ca: string }, folder: string): Promise<RenewerPlan> {
  const caFile = path.join(folder, 'ca.pem');
  await fs.writeFile(caFile, issuer.ca);
  return { issuer: issuer.url, caFile, clientId: fakeClientId, subject: 'ada', cluster: 'red', times: 1 };
}
