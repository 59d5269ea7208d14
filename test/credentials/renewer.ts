import fs from 'node:fs/promises';
import { type RenewalStep, renewToken } from '../../source/credentials/renew.ts';
import { openSecretStore } from '../../source/credentials/secret-store.ts';
import { openSessions } from '../../source/credentials/session-store.ts';
import { createHttpClient } from '../../source/system/http.ts';
import { pathsOf } from '../../source/system/paths.ts';
import { killAtFileOperation } from '../helpers/kill-at.ts';

// One process of the renewal tests: renews for one cluster as often as told, or until killed.
export type RenewerPlan = {
  readonly issuer: string;
  readonly caFile: string;
  readonly clientId: string;
  readonly subject: string;
  readonly cluster: string;
  readonly times: number;
  /** Killed before this file operation, or at this step; counted and reported when 0. */
  readonly killAt?: number | RenewalStep;
};

const plan = JSON.parse(process.argv[2] ?? '') as RenewerPlan;
const { issuer, clientId, subject, cluster, killAt } = plan;
const http = createHttpClient([await fs.readFile(plan.caFile, 'utf8')]);
const sessions = openSessions(pathsOf(process.env), openSecretStore({ choice: 'file', env: process.env }));
const count = typeof killAt === 'number' ? await killAtFileOperation(killAt) : undefined;
for (let left = plan.times; left > 0; left--) {
  const renewal = await renewToken({
    http,
    client: { issuer, clientId, scopes: [], extraParameters: {}, tokenKind: 'id-token' },
    sessions,
    account: { issuer, subject, label: subject },
    audience: { kind: 'dex-client', client: cluster },
    timeoutMs: 60_000,
    onStep: step => {
      if (step === killAt) process.kill(process.pid, 'SIGKILL');
    },
  });
  const more = renewal.kind === 'renewed' ? renewal.token.audience.join() : JSON.stringify(renewal);
  process.stdout.write(`${renewal.kind} ${more}\n`);
}
if (count !== undefined) process.stdout.write(`operations ${count()}\n`);
await http.close();
