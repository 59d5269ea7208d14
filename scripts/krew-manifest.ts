import { stringify } from 'yaml';

export type Archive = {
  /** As in the names of archives: `linux-x64`. */
  readonly target: string;
  readonly file: string;
  readonly sha256: string;
};

type Release = {
  readonly version: string;
  readonly description: string;
  /** Where the archives will be; https without a slash at its end. */
  readonly address: string;
  readonly archives: readonly Archive[];
};

const processors: Readonly<Record<string, string>> = { x64: 'amd64', arm64: 'arm64' };
const systems: Readonly<Record<string, string>> = { linux: 'linux', darwin: 'darwin', win: 'windows' };

/** What krew installs the plugin by (krew.googlecontainertools.github.com/v1alpha2): `kubectl dkp-auth`. */
export function krewManifest({ version, description, address, archives }: Release): string {
  return stringify(
    {
      apiVersion: 'krew.googlecontainertools.github.com/v1alpha2',
      kind: 'Plugin',
      metadata: { name: 'dkp-auth' },
      spec: {
        version: `v${version}`,
        homepage: address,
        shortDescription: 'Log in to DKP and NKP clusters',
        description: `${description}.\nRun kubectl dkp-auth to begin.\n`,
        platforms: archives.map(({ target, file, sha256 }) => {
          const [system = '', processor = ''] = target.split('-');
          const suffix = system === 'win' ? '.exe' : '';
          return {
            selector: { matchLabels: { os: systems[system], arch: processors[processor] } },
            uri: `${address}/${file}`,
            sha256,
            bin: `dkp-auth${suffix}`,
          };
        }),
      },
    },
    { lineWidth: 0 },
  );
}
