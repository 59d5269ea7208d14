import type { ThirdParty } from './third-party.ts';

/** A bill of materials in CycloneDX 1.6: the same packages, for programs that read it. The same input gives the same bytes. */
export function billOfMaterials(
  product: { readonly name: string; readonly version: string; readonly license: string },
  packages: readonly ThirdParty[],
): string {
  const reference = (name: string, version: string) => `pkg:npm/${name.replace('@', '%40')}@${version}`;
  const component = (
    { name, version, licence }: Pick<ThirdParty, 'name' | 'version' | 'licence'>,
    type: string,
  ) => ({
    type,
    'bom-ref': reference(name, version),
    name,
    version,
    purl: reference(name, version),
    licenses: [{ expression: licence }],
  });
  const document = {
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    version: 1,
    metadata: { component: component({ ...product, licence: product.license }, 'application') },
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
