import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';

/** A package whose code a bundle holds. */
export type ThirdParty = {
  readonly name: string;
  readonly version: string;
  /** SPDX expression, as the package states it. */
  readonly licence: string;
  /** The text that has to travel with the code. */
  readonly text: string;
};

/** Published under the MIT licence without its text: whom their sources name. */
const holders: Readonly<Record<string, string>> = {
  'koa-compose': 'the koa-compose authors',
  'yoga-layout': 'Meta Platforms, Inc. and affiliates.',
};

type Metafile = {
  readonly outputs: Readonly<
    Record<string, { readonly inputs: Readonly<Record<string, { readonly bytesInOutput: number }>> }>
  >;
};

/**
 * The packages that have bytes in a bundle, or in several, sorted by name and version.
 * @param root the folder that the metafile's paths are relative to
 * @throws Error when one of them comes without a licence or its text
 */
export async function thirdPartiesIn(metafiles: readonly Metafile[], root: string): Promise<ThirdParty[]> {
  const folders = new Set<string>();
  for (const { inputs } of metafiles.flatMap(({ outputs }) => Object.values(outputs))) {
    for (const [file, { bytesInOutput }] of Object.entries(inputs)) {
      const folder = bytesInOutput > 0 ? packageFolder(file) : undefined;
      if (folder !== undefined) folders.add(folder);
    }
  }
  const found = await Promise.all([...folders].map(folder => describe(path.join(root, folder))));
  const byId = new Map(found.map(each => [`${each.name}@${each.version}`, each]));
  return [...byId].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, each]) => each);
}

/** The file that a package has to bring along for the code of others in it. */
export function noticesOf(parties: readonly ThirdParty[]): string {
  const parts = parties.map(
    ({ name, version, licence, text }) => `${name} ${version}\nLicence: ${licence}\n\n${text.trim()}\n`,
  );
  const rule = `\n${'-'.repeat(80)}\n\n`;
  return `dkp-auth holds code of these packages, under their own licences.\n${rule}${parts.join(rule)}`;
}

function packageFolder(file: string): string | undefined {
  return /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/.exec(file.replace(/^[\w-]+:/, ''))?.[0];
}

async function describe(folder: string): Promise<ThirdParty> {
  const manifest = JSON.parse(await readFile(path.join(folder, 'package.json'), 'utf8')) as {
    name: string;
    version: string;
    license?: string;
  };
  const { name, version, license } = manifest;
  const files = (await readdir(folder)).filter(file => /^(licen[cs]e|copying|notice)/i.test(file)).sort();
  const texts = await Promise.all(files.map(file => readFile(path.join(folder, file), 'utf8')));
  const holder = holders[name];
  if (license === 'MIT' && texts.length === 0 && holder !== undefined) texts.push(mitText(holder));
  if (license === undefined || texts.length === 0) {
    throw new Error(`${name} ${version} comes without a licence or its text, so it cannot be bundled.`);
  }
  return { name, version, licence: license, text: texts.map(text => text.trim()).join('\n\n') };
}

const mitText = (holder: string) => `MIT License

Copyright (c) ${holder}

Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated
documentation files (the "Software"), to deal in the Software without restriction, including without limitation
the rights to use, copy, modify, merge, publish, distribute, sublicense, and/or sell copies of the Software, and
to permit persons to whom the Software is furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all copies or substantial portions of
the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO
THE WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE
AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT,
TORT OR OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE
SOFTWARE.`;
