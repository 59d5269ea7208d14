import assert from 'node:assert/strict';
import fs from 'node:fs/promises';
import path from 'node:path';
import { parse } from 'yaml';
import type { Demo } from '../../source/demo/index.ts';
import type { Profile } from '../../source/profiles/profile.ts';
import { filesBelow, type Home } from '../helpers/home.ts';

/**
 * Whose a token is: the home it was first found in, and the one server it is for; of one that callers of the platform's own
 * kubeconfigs share, because those do not say which cluster they are for, its platform.
 */
type Owner = { readonly home: string; readonly server: string };
type Holder = Omit<Owner, 'home'> & { readonly profile?: string };

const tokens = /eyJ[\w-]{10,}\.[\w-]{10,}\.[\w-]{10,}/g;
const refreshTokens = /refreshToken\\?":\s*\\?"([^"\\]+)/gi;

/**
 * Keeps the books of an isolation proof. It trusts nothing that the program says: only files, and what servers received.
 */
export class Ledger {
  readonly #owners = new Map<string, Owner>();
  /** The profile in whose cache a token was last. */
  readonly #caches = new Map<string, string>();
  readonly #secrets = new Set<string>();
  readonly #bindings = new Map<string, string>();
  #received = 0;
  #shared = 0;

  /** Reads every file of a home. */
  async readDisk(home: Home): Promise<void> {
    const servers = await this.#profilesOf(home);
    const cached = new Set<string>();
    for (const file of await filesBelow(home.folder)) {
      const text = await fs.readFile(home.path(file), 'utf8').catch(() => '');
      for (const [, secret = ''] of text.matchAll(refreshTokens)) this.#secrets.add(secret);
      const found = new Set(text.match(tokens) ?? []);
      if (found.size === 0) continue;
      const holders = holdersIn(file, text, servers);
      for (const token of found) {
        const holder = holders.get(token);
        assert.ok(holder !== undefined, `a token lies in ${file}`);
        this.#own(token, { home: home.folder, server: holder.server });
        if (holder.profile === undefined) continue;
        assert.ok(!cached.has(token), `the token in ${file} is in another profile's cache too`);
        cached.add(token);
        const before = this.#caches.get(token) ?? holder.profile;
        // A profile can be called otherwise, and is there no more by its old name then.
        const isRenamed = before !== holder.profile && !servers.has(before);
        assert.ok(before === holder.profile || isRenamed, `a token of ${before} came into ${file}`);
        this.#caches.set(token, holder.profile);
      }
    }
  }

  /** Looks for what only the store of sessions may hold, in all else that lies in a home. */
  async readLeftovers(home: Home): Promise<void> {
    for (const file of await filesBelow(home.folder)) {
      if (/^state\/sessions\//.test(file)) continue;
      const text = await fs.readFile(home.path(file), 'utf8').catch(() => '');
      for (const secret of this.#secrets)
        assert.ok(!text.includes(secret), `a refresh token lies in ${file}`);
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
      const platform = new URL(demo.document.loginLinks.global).origin;
      if (owner.server !== platform)
        assert.equal(
          demo.cluster(server).server,
          owner.server,
          `another cluster’s token was sent to ${server}`,
        );
      if (owner.server === platform) this.#shared += 1;
      else this.#received += 1;
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
      shared: this.#shared,
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
      assert.notEqual(owner.server, '', 'a token is nobody’s');
      this.#owners.set(token, owner);
    } else if (owner.server === '') assert.equal(owner.home, before.home, 'a token is in two homes');
    else assert.deepEqual(owner, before, 'a token is for two servers, or in two homes');
  }
}

type Kubeconfig = {
  clusters?: { name: string; cluster: { server: string } }[];
  contexts?: { context: { cluster: string; user: string } }[];
  users?: { name: string; user: { token?: string } }[];
};

/** Whose each token of a file is: a profile's cache, what the platform's callers are given, or a user of a kubeconfig. */
function holdersIn(file: string, text: string, servers: ReadonlyMap<string, string>): Map<string, Holder> {
  if (/(^|\/)credentials\/[^/]+\.json$/.test(file)) {
    const { token } = JSON.parse(text) as { token: string };
    const profile = path.basename(file, '.json');
    return new Map([[token, { profile, server: servers.get(profile) ?? '' }]]);
  }
  if (/^state\/konvoy\/[^/]+\.json$/.test(file)) {
    const { token, server, portal } = JSON.parse(text) as { token: string; server?: string; portal: string };
    return new Map([[token, { server: server ?? new URL(portal).origin }]]);
  }
  if (!/\.yaml$|\.bak$|^\.kube\/\w+$/.test(file)) return new Map();
  const { users = [], contexts = [], clusters = [] } = (parse(text) ?? {}) as Kubeconfig;
  return new Map(
    users.flatMap(({ name, user: { token } }) => {
      if (token === undefined) return [];
      const names = contexts
        .filter(({ context }) => context.user === name)
        .map(({ context }) => context.cluster);
      const sent = new Set(
        clusters.flatMap(each => (names.includes(each.name) ? [each.cluster.server] : [])),
      );
      assert.ok(sent.size <= 1, `in ${file}, a token is for ${sent.size} clusters`);
      return [[token, { server: [...sent][0] ?? '' }]];
    }),
  );
}
