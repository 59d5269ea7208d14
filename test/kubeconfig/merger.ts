// Merges profiles into kubeconfigs in a process of its own: merger.ts STATE FILE[:FILE...] NAME...
// Each gets a cluster of its own. Says "start" before, and "done" when all is written.
import path from 'node:path';
import { mergeEntries } from '../../source/kubeconfig/merge.ts';
import { changeKubeconfigs } from '../../source/kubeconfig/write.ts';
import { parseProfileName } from '../../source/profiles/profile-name.ts';
import { pathsOf } from '../../source/system/paths.ts';
import { sampleEntry } from './sample.ts';

const [state = '', list = '', ...names] = process.argv.slice(2);
const files = list.split(path.delimiter);
const paths = pathsOf({ HOME: state, DKP_AUTH_STATE_DIR: state });
const entries = names.map(name => sampleEntry(parseProfileName(name)));
process.stdout.write('start\n');
await changeKubeconfigs(
  files,
  layouts =>
    mergeEntries(layouts, entries, {
      onConflict: 'fail',
      forNew: files[0] ?? '',
      isKnown: () => false,
      setCurrent: undefined,
    }).layouts,
  { paths, onNotice: message => process.stderr.write(`${message}\n`) },
);
process.stdout.write('done\n');
