import { readFile, rename, writeFile } from 'node:fs/promises';
import { startDemo } from '../../source/demo/index.ts';
import type { TokenServiceConfig } from './parts/token-service.ts';

// A process of its own: the token service of the embedded DKP, in front of a real Dex and real API servers.
const [file] = process.argv.slice(2);
if (file === undefined) throw new Error('usage: token-service.ts CONFIG.json');
const { port, folder, documentFile, issuer, clusters } = JSON.parse(
  await readFile(file, 'utf8'),
) as TokenServiceConfig;
const demo = await startDemo({ port, folder, issuer, clusters });
await writeFile(`${documentFile}.new`, JSON.stringify(demo.document), { mode: 0o600 });
await rename(`${documentFile}.new`, documentFile);
process.once('SIGTERM', () => void demo.close().finally(() => process.exit(0)));
