import { spawn } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { noteSecret } from '../secrets.ts';
import { debug } from '../system/debug.ts';
import type { Environment } from '../system/paths.ts';
import { isExecutable, keyringCommand } from '../system/this-program.ts';
import { plainText } from '../text.ts';

/** Why a keyring gives nothing: there is none for this system, it says no, or it says nothing. */
export type KeyringFault = 'not-installed' | 'refused' | 'no-answer';

export type KeyringAnswer =
  | { readonly kind: 'secret'; readonly secret: string }
  | { readonly kind: 'nothing' }
  | { readonly kind: 'unavailable'; readonly fault: KeyringFault; readonly why: string };

/** The operating system's store of secrets. Nothing in it ever throws or takes longer than its patience. */
export type Keyring = {
  get(name: string): Promise<KeyringAnswer>;
  /** @returns what the keyring has under the name afterwards */
  set(name: string, secret: string): Promise<KeyringAnswer>;
  remove(name: string): Promise<KeyringAnswer>;
};

export type KeyringRequest = {
  readonly action: 'get' | 'set' | 'remove';
  readonly service: string;
  readonly name: string;
  readonly secret?: string;
};
export type KeyringReply =
  | { readonly secret: string | null }
  | { readonly fault: KeyringFault; readonly reason?: string };

const service = 'dkp-auth';
const usualPatienceMs = 2000;

/**
 * macOS Keychain, Windows Credential Manager or Secret Service, each asked by a process that is killed when it takes too
 * long: a locked keyring waits for a person, and a dead message bus for ever.
 */
export function systemKeyring(env: Environment, patienceMs = usualPatienceMs): Keyring {
  const ask = async (request: Omit<KeyringRequest, 'service'>) => {
    noteSecret(request.secret);
    const start = performance.now();
    const answer = answerOf(await exchange({ ...request, service }, env, patienceMs), patienceMs);
    if (answer.kind === 'secret') noteSecret(answer.secret);
    const why = answer.kind === 'unavailable' ? answer.why : undefined;
    debug('keyring', {
      action: request.action,
      answer: answer.kind,
      why,
      ms: Math.round(performance.now() - start),
    });
    return answer;
  };
  return {
    get: name => ask({ action: 'get', name }),
    set: (name, secret) => ask({ action: 'set', name, secret }),
    remove: name => ask({ action: 'remove', name }),
  };
}

function exchange(
  request: KeyringRequest,
  { NODE_OPTIONS: _, ...env }: Environment,
  patienceMs: number,
): Promise<KeyringReply> {
  return new Promise(resolve => {
    const child = spawn(process.execPath, keyringProcess(), {
      env,
      stdio: ['pipe', 'pipe', 'ignore'],
      windowsHide: true,
    });
    const end = (reply: KeyringReply) => {
      clearTimeout(timer);
      child.kill('SIGKILL');
      child.stdout.destroy();
      child.unref();
      resolve(reply);
    };
    const timer = setTimeout(end, patienceMs, { fault: 'no-answer' });
    child.on('error', () => end({ fault: 'not-installed' }));
    child.stdin.on('error', () => undefined);
    let output = '';
    child.stdout.setEncoding('utf8');
    child.stdout.on('data', (piece: string) => {
      output += piece;
      if (output.endsWith('\n')) end(JSON.parse(output) as KeyringReply);
    });
    child.on('close', () => end({ fault: 'not-installed' }));
    child.stdin.end(JSON.stringify(request));
  });
}

function keyringProcess(): string[] {
  if (isExecutable) return [keyringCommand];
  const own = fileURLToPath(import.meta.url);
  const extension = path.extname(own);
  // A program run from its sources needs what runs them.
  const how = extension === '.ts' ? process.execArgv.filter(isLoader) : [];
  return [...how, path.join(path.dirname(own), `keyring-process${extension}`)];
}

const isLoader = (argument: string, index: number, all: string[]) =>
  argument === '--import' || all[index - 1] === '--import' || argument.startsWith('--import=');

function answerOf(reply: KeyringReply, patienceMs: number): KeyringAnswer {
  if ('secret' in reply) {
    return reply.secret === null ? { kind: 'nothing' } : { kind: 'secret', secret: reply.secret };
  }
  const whys: Record<KeyringFault, string> = {
    'not-installed': 'there is no keyring support for this system',
    'no-answer': `the keyring is locked or did not answer within ${patienceMs / 1000} s`,
    refused: `the keyring refused (${plainText(reply.reason ?? '', 120)})`,
  };
  return { kind: 'unavailable', fault: reply.fault, why: whys[reply.fault] };
}
