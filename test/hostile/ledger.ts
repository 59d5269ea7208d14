import assert from 'node:assert/strict';
import fs from 'node:fs/promises';
import path from 'node:path';
import { parse } from 'yaml';
import type { Demo } from '../../source/demo/index.ts';
import type { Profile } from '../../source/profiles/profile.ts';
import { filesBelow, type Home } from '../helpers/home.ts';

/** Whose a token is: the profile of one home that it was first found under, and the one server that profile is for. */
type Owner = { readonly home: string; readonly profile: string; readonly server: string };

const tokens = /eyJ[\w-]{10,}\.[\w-]{10,}\.[\w-]{10,}/g;
const refreshTokens = /refreshToken\\?":\s*\\?"([^"\\]+)/gi;

/**
 * Keeps the books of an isolation proof. It trusts nothing that the program says: only files, and what servers received.
 */
export class Ledger {
  readonly #owners = new Map<string, Owner>();
  readonly #secrets = new Set<string>();
  readonly #bindings = new Map<string, string>();
  #received = 0;

  /** Reads every file of a home. */
  async readDisk(home: Home): Promise<void> {
    const servers = await this.#profilesOf(home);
    for (const file of await filesBelow(home.folder)) {
      const text = await fs.readFile(home.path(file), 'utf8').catch(() => '');
      for (const [, secret = ''] of text.matchAll(refreshTokens)) this.#secrets.add(secret);
      const found = new Set(text.match(tokens) ?? []);
      if (found.size === 0) continue;
      const holders = holdersIn(file, text);
      for (const token of found) {
        const profile = holders.get(token);
        assert.ok(profile !== undefined, `a token lies in ${file}`);
        this.#own(token, { home: home.folder, profile, server: servers.get(profile) ?? '' });
      }
    }
  }

  /** Looks at what a portal and its clusters were sent, and forgets it. */
  readRequests(demo: Demo): void {
    for (const { server, path: address, headers, body, bearer } of demo.requests) {
      const { authorization, ...others } = headers;
      const sent = JSON.stringify([address, others, body]);
      for (const secret of this.#owners.keys()) {
        assert.ok(!sent.includes(secret), `${server} was sent a token in ${address.split('?')[0]}`);
      }
      if (bearer === undefined) continue;
      assert.notEqual(server, 'portal', 'the portal was sent a token');
      const owner = this.#owners.get(bearer.raw);
      assert.ok(owner !== undefined, `${server} was sent a token of nobody`);
      assert.equal(
        owner.server,
        demo.cluster(server).server,
        `a token of ${owner.profile} was sent to ${server}`,
      );
      this.#received += 1;
    }
    demo.forgetRequests();
  }

  /** Looks for secrets where everybody could read them. */
  readTexts(texts: Iterable<string>, where: string): void {
    for (const text of texts) {
      for (const secret of [...this.#owners.keys(), ...this.#secrets]) {
        assert.ok(!text.includes(secret), `a secret is in ${where}`);
      }
    }
  }

  get counts() {
    const servers = new Set([...this.#owners.values()].map(owner => owner.server));
    return {
      tokens: this.#owners.size,
      refreshTokens: this.#secrets.size,
      profiles: this.#bindings.size,
      servers: servers.size,
      received: this.#received,
    };
  }

  async #profilesOf(home: Home): Promise<Map<string, string>> {
    const servers = new Map<string, string>();
    const files = await fs.readdir(home.paths.profiles).catch(() => []);
    for (const file of files.filter(name => name.endsWith('.json'))) {
      const text = await fs.readFile(path.join(home.paths.profiles, file), 'utf8');
      const { name, cluster } = JSON.parse(text) as Profile;
      const key = `${home.folder} ${name}`;
      const before = this.#bindings.get(key);
      assert.ok(before === undefined || before === cluster.server, `${name} was bound to another cluster`);
      this.#bindings.set(key, cluster.server);
      servers.set(name, cluster.server);
    }
    for (const key of this.#bindings.keys()) {
      const [folder, name = ''] = key.split(' ');
      // A name that was given back may be taken for another cluster.
      if (folder === home.folder && !servers.has(name)) this.#bindings.delete(key);
    }
    return servers;
  }

  #own(token: string, owner: Owner): void {
    const before = this.#owners.get(token);
    if (before === undefined) {
      assert.notEqual(owner.server, '', `a token of ${owner.profile}, which is no profile`);
      this.#owners.set(token, owner);
      return;
    }
    assert.deepEqual(
      [owner.home, owner.profile],
      [before.home, before.profile],
      'one token is under two profiles',
    );
  }
}

/** Which profile each token of a file is for: its own cache, or the user of a kubeconfig. */
function holdersIn(file: string, text: string): Map<string, string> {
  if (/(^|\/)credentials\/[^/]+\.json$/.test(file)) {
    const { token } = JSON.parse(text) as { token: string };
    return new Map([[token, path.basename(file, '.json')]]);
  }
  if (!/\.yaml$/.test(file)) return new Map();
  const { users = [] } = (parse(text) ?? {}) as { users?: { name: string; user: { token?: string } }[] };
  return new Map(users.flatMap(({ name, user }) => (user.token === undefined ? [] : [[user.token, name]])));
}
