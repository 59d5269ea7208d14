import { apiServers } from './api-server.ts';
import { dex, dexOlder } from './dex.ts';
import { etcd } from './etcd.ts';
import { dbus, keyring } from './keyring.ts';
import type { Part } from './part.ts';
import { slapd } from './slapd.ts';
import { sshd } from './sshd.ts';
import { portalParts } from './token-service.ts';

/** A part stands after those it waits for. */
export const parts: readonly Part[] = [
  etcd,
  slapd,
  dex,
  dexOlder,
  ...apiServers,
  ...portalParts,
  sshd,
  dbus,
  keyring,
];

export function findPart(id: string): Part {
  const part = parts.find(candidate => candidate.id === id);
  if (part === undefined)
    throw new Error(`no part is called ${id}; there are ${parts.map(each => each.id).join(', ')}`);
  return part;
}
