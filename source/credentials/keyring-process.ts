// Run as a process of its own by keyring.ts: a keyring that does not answer blocks a thread that nothing can end.
import { text } from 'node:stream/consumers';
import type { KeyringReply, KeyringRequest } from './keyring.ts';

async function reply(): Promise<KeyringReply> {
  const request = JSON.parse(await text(process.stdin)) as KeyringRequest;
  let library: typeof import('@napi-rs/keyring');
  try {
    library = await import('@napi-rs/keyring');
  } catch {
    return { fault: 'not-installed' };
  }
  try {
    // Never the kernel's keyring, which a restart empties.
    const entry = new library.Entry(request.service, request.name, { linux: { store: 'secret-service' } });
    if (request.secret !== undefined) entry.setPassword(request.secret);
    if (request.action === 'remove') entry.deletePassword();
    return { secret: request.action === 'remove' ? null : entry.getPassword() };
  } catch (error) {
    return { fault: 'refused', reason: error instanceof Error ? error.message : String(error) };
  }
}

process.stdout.write(`${JSON.stringify(await reply())}\n`);
