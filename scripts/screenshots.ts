import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';

const folder = path.join(import.meta.dirname, '..', 'docs', 'pictures');

if (process.argv.includes('--help')) {
  process.stdout.write(
    'Plays the wizard in a terminal emulator and writes pictures of it into docs/pictures/.\n' +
      'Usage: npm run screenshots [-- --check]\n' +
      '  --check  write nothing; fail when a picture is not what the wizard looks like\n',
  );
  process.exit(0);
}

// Ink looks at it once, when it is loaded.
process.env['FORCE_COLOR'] = '2';
delete process.env['NO_COLOR'];
const { takePictures } = await import('../test/terminal/fixtures/pictures.tsx');
const pictures = await takePictures();
const isCheck = process.argv.includes('--check');
const old: string[] = [];
for (const [name, content] of pictures) {
  const file = path.join(folder, name);
  if ((await readFile(file, 'utf8').catch(() => '')) === content) continue;
  old.push(name);
  if (isCheck) continue;
  await mkdir(folder, { recursive: true });
  await writeFile(file, content);
}
const told =
  old.length === 0
    ? 'every picture is as it was'
    : `${isCheck ? 'out of date' : 'written'}: ${old.join(', ')}`;
process.stdout.write(`${told}\n`);
process.exit(isCheck && old.length > 0 ? 1 : 0);
