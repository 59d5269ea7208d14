import { start } from './start.ts';
import { keepCompiledCode } from './system/compiled-code.ts';
import { pathsOf } from './system/paths.ts';

const oldestNode = 22;

// This file alone must be readable for every Node there is; the others are loaded after the check.
if (Number(process.versions.node.split('.')[0]) < oldestNode) {
  process.stderr.write(`dkp-auth needs Node.js ${oldestNode} or newer; this is ${process.version}.\n`);
  process.exitCode = 1;
} else {
  await start(process.argv.slice(2), () => keepCompiledCode(pathsOf(process.env).state));
}
