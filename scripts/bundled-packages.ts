import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Metafile } from 'esbuild';

export type BundledPackage = {
  readonly name: string;
  readonly version: string;
  /** SPDX expression. */
  readonly license: string;
  /** What its authors want to be handed on with it. */
  readonly text: string;
};

/** The packages of which anything got into the bundle, by what the bundler says that it read. */
export async function bundledPackages(
  root: string,
  metafiles: readonly Metafile[],
): Promise<BundledPackage[]> {
  const folders = new Set(
    metafiles
      .flatMap(({ inputs }) => Object.keys(inputs))
      .flatMap(input => /^.*node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/.exec(input)?.[0] ?? []),
  );
  const packages = await Promise.all([...folders].map(folder => describe(path.join(root, folder))));
  const unique = new Map(packages.map(each => [`${each.name}@${each.version}`, each]));
  return [...unique.values()].sort(
    (one, other) => compare(one.name, other.name) || compare(one.version, other.version),
  );
}

const compare = (one: string, other: string) => (one < other ? -1 : one > other ? 1 : 0);

async function describe(folder: string): Promise<BundledPackage> {
  const manifest = JSON.parse(await readFile(path.join(folder, 'package.json'), 'utf8')) as {
    name: string;
    version: string;
    license?: string;
    author?: string | { name?: string };
  };
  const { name, version, license, author } = manifest;
  if (license === undefined) throw new Error(`${name} names no licence, so it cannot be handed on`);
  const files = (await readdir(folder)).filter(file => /^(licen[cs]e|copying|notice)/i.test(file)).sort();
  const texts = await Promise.all(files.map(file => readFile(path.join(folder, file), 'utf8')));
  const holder = typeof author === 'string' ? author : author?.name;
  // Some packages name their licence and leave the text out.
  const text =
    texts.join('\n').trim() || `Copyright (c) ${holder ?? `the authors of ${name}`}. Licence: ${license}.`;
  return { name, version, license, text: text.replaceAll('\r\n', '\n') };
}

export function licenceNotice(packages: readonly BundledPackage[]): string {
  const rule = '-'.repeat(80);
  const parts = packages.map(
    ({ name, version, license, text }) => `${rule}\n${name} ${version} (${license})\n${rule}\n\n${text}\n`,
  );
  return `dkp-auth holds code of these packages.\n\n${parts.join('\n')}`;
}

/** A bill of materials in CycloneDX 1.6: the same packages, for programs that read it. The same input gives the same bytes. */
export function billOfMaterials(
  product: { readonly name: string; readonly version: string; readonly license: string },
  packages: readonly BundledPackage[],
): string {
  const reference = (name: string, version: string) => `pkg:npm/${name.replace('@', '%40')}@${version}`;
  const component = (
    { name, version, license }: Pick<BundledPackage, 'name' | 'version' | 'license'>,
    type: string,
  ) => ({
    type,
    'bom-ref': reference(name, version),
    name,
    version,
    purl: reference(name, version),
    licenses: [{ expression: license }],
  });
  const document = {
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    version: 1,
    metadata: { component: component(product, 'application') },
    components: packages.map(each => component(each, 'library')),
    dependencies: [
      {
        ref: reference(product.name, product.version),
        dependsOn: packages.map(({ name, version }) => reference(name, version)),
      },
    ],
  };
  return `${JSON.stringify(document, undefined, 2)}\n`;
}
