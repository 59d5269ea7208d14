import { stringify } from 'yaml';
import { UserError } from '../errors.ts';
import { launcher } from '../kubeconfig/launcher.ts';
import { parseProfileName } from '../profiles/profile-name.ts';
import { type Streams, write } from '../system/streams.ts';
import { plainText } from '../text.ts';

export type KubercFlags = { readonly kubectl?: string };

/** kubectl 1.36 named the field anew, and forgets the old name some day; 1.35 knows no other. */
const oldName = { minor: 35, field: 'name' };

/**
 * Prints what lets kubectl run this program where it may not run every plugin: `credentialPluginPolicy` and
 * `credentialPluginAllowlist` of a kuberc (kubectl.config.k8s.io/v1beta1).
 * @throws UserError USAGE
 */
export async function configKuberc(flags: KubercFlags, { stdout, stderr }: Streams): Promise<void> {
  const minor = flags.kubectl === undefined ? undefined : minorOf(flags.kubectl);
  const { command } = launcher(parseProfileName('any'));
  const document = {
    apiVersion: 'kubectl.config.k8s.io/v1beta1',
    kind: 'Preference',
    credentialPluginPolicy: 'Allowlist',
    credentialPluginAllowlist: [{ [minor === oldName.minor ? oldName.field : 'command']: command }],
  };
  await write(stdout, stringify(document, { lineWidth: 0 }));
  await write(
    stderr,
    'This goes into ~/.kube/kuberc. If there is one, add the entry to its list. Every plugin that is not in the list is refused.\n',
  );
}

function minorOf(text: string): number {
  const minor = Number(/^v?1\.(\d+)(\.|$)/.exec(text)?.[1]);
  if (minor >= oldName.minor) return minor;
  throw new UserError(
    'USAGE',
    `--kubectl takes a version from 1.${oldName.minor} on; "${plainText(text)}" is none.`,
    {
      hint: 'Older ones run every plugin, and read no list.',
    },
  );
}
