import type fs from 'node:fs/promises';
import { createRequire } from 'node:module';
import { createFile, removeFile, replaceFile } from '../../source/system/files.ts';

// One process of leftovers.test.ts. `begin FILE`: writes the file's new content beside it and stops before it takes its place,
// until it gets a SIGTERM; the other tasks do what they are called.
const [task = '', file = ''] = process.argv.slice(2);

if (task === 'begin') {
  const whole: { rename: typeof fs.rename } = createRequire(import.meta.url)('node:fs/promises');
  const rename = whole.rename;
  whole.rename = async (from, to) => {
    const alive = setInterval(() => undefined, 1000);
    await new Promise<void>(resolve => {
      process.once('SIGTERM', resolve);
      process.stdout.write('begun\n');
    });
    clearInterval(alive);
    await rename(from, to);
  };
  await replaceFile(file, 'begun');
}
if (task === 'replace') await replaceFile(file, 'replaced');
if (task === 'create') await createFile(file, 'created');
if (task === 'remove') await removeFile(file);
