const oldestNode = 22;

// As in cli.ts: readable for every Node there is; the others are loaded after the check.
if (Number(process.versions.node.split('.')[0]) < oldestNode) {
  process.stderr.write(
    `konvoy-async-plugin needs Node.js ${oldestNode} or newer; this is ${process.version}.\n`,
  );
  process.exitCode = 1;
} else {
  await import('./konvoy-main.ts');
}
