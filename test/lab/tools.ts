import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** A program built from a Go module that a go.mod under test/lab/go pins. */
export type Tool = {
  readonly id: string;
  readonly folder: string;
  /** The module whose version is the program's. */
  readonly module: string;
  readonly package: string;
  readonly binary: string;
  readonly about: string;
  /** Needs a C compiler. */
  readonly cgo?: true;
  readonly linkerFlags: (version: string) => readonly string[];
};

const kubernetesVersion = (version: string) => {
  const [major = '', minor = ''] = version.replace('v', '').split('.');
  const values = { gitVersion: version, gitMajor: major, gitMinor: minor, gitTreeState: 'archive' };
  // Without these a server calls itself v0.0.0-master and kubectl warns of version skew.
  return ['k8s.io/component-base/version', 'k8s.io/client-go/pkg/version'].flatMap(variables =>
    Object.entries(values).map(([name, value]) => `-X ${variables}.${name}=${value}`),
  );
};

const kubernetes = (
  binary: 'kubectl' | 'kube-apiserver',
  age: 'current' | 'oldest',
  folder: string,
): Tool => ({
  id: age === 'current' ? binary : `${binary}-${age}`,
  folder,
  module: 'k8s.io/kubernetes',
  package: `k8s.io/kubernetes/cmd/${binary}`,
  binary,
  about: `${binary} of the ${age === 'current' ? 'current' : 'oldest supported'} minor`,
  linkerFlags: kubernetesVersion,
});

const dex = (id: string, folder: string, about: string): Tool => ({
  id,
  folder,
  module: 'github.com/dexidp/dex',
  package: 'github.com/dexidp/dex/cmd/dex',
  binary: 'dex',
  about,
  linkerFlags: version => [`-X main.version=${version}`],
});

/** In the order in which they are built: what more people wait for comes first. */
export const tools: readonly Tool[] = [
  kubernetes('kubectl', 'current', 'kubernetes-1.37'),
  dex('dex', 'dex-2.45', 'Dex, current release'),
  // Before 2.42 Dex does not compile without its SQLite storage, which is C.
  { ...dex('dex-older', 'dex-2.41', 'Dex, the release before the one DKP ships'), cgo: true },
  {
    id: 'kubelogin',
    folder: 'kubelogin',
    module: 'github.com/int128/kubelogin',
    package: 'github.com/int128/kubelogin',
    binary: 'kubelogin',
    about: 'int128/kubelogin, the peer to measure against',
    linkerFlags: version => [`-X main.version=${version}`],
  },
  {
    id: 'client',
    folder: 'client',
    module: 'k8s.io/client-go',
    package: '.',
    binary: 'client',
    about: 'a program of ours on client-go that keeps several watches on one credential',
    linkerFlags: () => [],
  },
  kubernetes('kube-apiserver', 'current', 'kubernetes-1.37'),
  kubernetes('kube-apiserver', 'oldest', 'kubernetes-1.35'),
  kubernetes('kubectl', 'oldest', 'kubernetes-1.35'),
];

export const moduleFolder = (tool: Tool) => fileURLToPath(new URL(`go/${tool.folder}/`, import.meta.url));

/** The version the go.mod pins: the release that its comment names where Go's own name for it is a date and a commit. */
export function toolVersion(tool: Tool): string {
  const text = readFileSync(`${moduleFolder(tool)}go.mod`, 'utf8');
  const required = text.split('\n').find(line => line.startsWith(`require ${tool.module} `));
  const version = /-\d{14}-/.test(required ?? '')
    ? text.match(/^\/\/ Dex (v[\d.]+\d)/m)?.[1]
    : required?.split(' ')[2];
  if (version === undefined) throw new Error(`${tool.folder}/go.mod does not pin ${tool.module}`);
  return version;
}

export function findTool(id: string): Tool {
  const tool = tools.find(candidate => candidate.id === id);
  if (tool === undefined) {
    throw new Error(`no tool is called ${id}; there are ${tools.map(each => each.id).join(', ')}`);
  }
  return tool;
}
