import assert from 'node:assert/strict';
import fs from 'node:fs/promises';
import path from 'node:path';
import { describe, it } from 'node:test';
import { parseUrl } from '../source/url.ts';

const base = new URL('https://dkp.example.com/a/b');

describe('a text that may be an address', () => {
  it('is read as the URL standard says', () => {
    assert.equal(parseUrl('HTTPS://Dkp.Example.com:443/a b')?.href, 'https://dkp.example.com/a%20b');
    assert.equal(parseUrl('/b?c', base)?.href, 'https://dkp.example.com/b?c');
    assert.equal(parseUrl('c', base)?.href, 'https://dkp.example.com/a/c');
  });

  it('is none when it cannot be read', () => {
    for (const text of ['', 'dkp.example.com', 'https://', 'https://a:port/', 'https://[::1']) {
      assert.equal(parseUrl(text), undefined, text);
    }
    assert.equal(parseUrl('https://[', base), undefined);
  });

  it('is none when only the check of the engine takes its host for one', () => {
    const text = `https://"A${'a'.repeat(30_000)}"/`;
    assert.equal(parseUrl(text), undefined);
    assert.equal(parseUrl(`//${text.slice(8)}`, base), undefined);
  });

  it('is asked about nowhere else, so that no such host gets further', async () => {
    const source = path.join(import.meta.dirname, '../source');
    const files = await fs.readdir(source, { recursive: true });
    const asking: string[] = [];
    for (const file of files.filter(name => /\.tsx?$/.test(name) && name !== 'url.ts')) {
      const text = await fs.readFile(path.join(source, file), 'utf8');
      if (/\bURL\.(canParse|parse)\b/.test(text)) asking.push(file);
    }
    assert.ok(files.length > 100);
    assert.deepEqual(asking, []);
  });
});
