import fs from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as wait } from 'node:timers/promises';
import { writeCredential } from '../../source/credentials/credential.ts';
import { joinFlight } from '../../source/credentials/flight.ts';
import { isDue, isUsable } from '../../source/credentials/lifetime.ts';
import { storedCredential } from '../../source/credentials/stored.ts';
import { toUserError, UserError } from '../../source/errors.ts';
import { parseProfileName } from '../../source/profiles/profile-name.ts';
import { pathsOf } from '../../source/system/paths.ts';
import { sampleCredential, sampleProfile } from '../helpers/profiles.ts';

// One process of flight-schedules.ts: calls as it is told, one line of JSON each, and tells how each ended. The issuer
// is a folder in which whoever is being served leaves word.
export type ActorCall = {
  readonly number: number;
  readonly folder: string;
  readonly kind: 'over' | 'ahead';
  readonly attended: boolean;
  /** What the issuer does for whoever comes to it in this schedule. */
  readonly issuer: { readonly ms: number; readonly fails: boolean; readonly asks: boolean };
  readonly cancelAfterMs?: number;
};
export type ActorAnswer = { readonly number: number; readonly token?: string; readonly error?: string };

export const server = 'https://prod.example.com';
const name = parseProfileName('prod');
const profile = sampleProfile('prod', server);
const seconds = () => Math.floor(Date.now() / 1000);

async function serve(call: ActorCall): Promise<ActorAnswer> {
  const { number, folder, kind, attended, issuer, cancelAfterMs } = call;
  const paths = pathsOf({ DKP_AUTH_STATE_DIR: folder, DKP_AUTH_CONFIG_DIR: folder });
  const log = (line: string) => fs.appendFileSync(path.join(folder, 'log'), `${line}\n`);
  const find = async (isNew: boolean) => {
    const stored = await storedCredential(paths, profile);
    if (stored === undefined) return undefined;
    if (kind === 'ahead') return isDue(stored, seconds()) ? undefined : stored;
    return isNew || isUsable(stored, seconds()) ? stored : undefined;
  };
  try {
    const credential = await joinFlight({
      paths,
      profile: name,
      could: { renew: !issuer.asks, signIn: attended && issuer.asks },
      patienceMs: kind === 'ahead' ? 0 : 20_000,
      signal: cancelAfterMs === undefined ? new AbortController().signal : AbortSignal.timeout(cancelAfterMs),
      find,
      async run(turn) {
        if (issuer.asks) await turn.asking();
        const running = path.join(folder, 'running');
        const present = fs.existsSync(running) ? Number(fs.readFileSync(running, 'utf8')) : undefined;
        if (present !== undefined && isThere(present)) log(`two at once: ${present} and ${process.pid}`);
        fs.writeFileSync(running, String(process.pid));
        log(`begin ${process.pid}`);
        try {
          await wait(issuer.ms, undefined, { signal: turn.signal });
          if (issuer.fails) throw new UserError('NETWORK', 'Could not reach the issuer.');
          const issuedAt = seconds();
          const token = `a.${number}_${process.pid}.b`;
          const credential = sampleCredential('prod', server, {
            token,
            issuedAt,
            expiresAt: issuedAt + 3600,
            renewable: true,
          });
          await writeCredential(paths, name, credential);
          log(`end ${process.pid}`);
          return credential;
        } finally {
          fs.rmSync(running, { force: true });
        }
      },
    });
    return { number, token: credential.token };
  } catch (error) {
    return { number, error: toUserError(error).code };
  }
}

function isThere(pid: number): boolean {
  try {
    // A killed process is there until its parent has looked.
    const stat = fs.readFileSync(`/proc/${pid}/stat`, 'utf8');
    return !/^[ZX]/.test(stat.slice(stat.lastIndexOf(')') + 2));
  } catch {
    return false;
  }
}

if (process.argv[2] === 'act') {
  for await (const line of createInterface({ input: process.stdin })) {
    void serve(JSON.parse(line) as ActorCall).then(answer =>
      process.stdout.write(`${JSON.stringify(answer)}\n`),
    );
  }
}
