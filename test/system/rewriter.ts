import { replaceFile } from '../../source/system/files.ts';

// The process that files.test.ts kills: it writes one file over and over.
const [file = ''] = process.argv.slice(2);
for (let round = 0; ; round++) {
  await replaceFile(file, (round % 2 === 0 ? 'a' : 'b').repeat(400_000));
  if (round === 3) process.stdout.write('writing\n');
}
