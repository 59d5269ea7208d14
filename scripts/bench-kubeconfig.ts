// How long it takes, and how much memory, to merge into a kubeconfig of many contexts, and to check it:
//   node --import tsx scripts/bench-kubeconfig.ts [--contexts 5000] [--json]
// Each measure is made in a process of its own, with the work of the program and nothing else. Targets: 2 s, 200 MB.
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { build } from 'esbuild';

const { values } = parseArgs({
  options: { contexts: { type: 'string', default: '5000' }, json: { type: 'boolean', default: false } },
});
const contexts = Number(values.contexts);
const root = path.join(import.meta.dirname, '..');

/** As kubectl writes it, each cluster with a certificate authority and each user with a certificate. */
function kubeconfigOf(count: number): string {
  const data = (bytes: number) =>
    Buffer.from(`-----BEGIN CERTIFICATE-----\n${randomBytes(bytes).toString('base64')}`).toString('base64');
  const each = (render: (number: number) => string) =>
    Array.from({ length: count }, (_, number) => render(number)).join('');
  return `apiVersion: v1
clusters:
${each(n => `- cluster:\n    certificate-authority-data: ${data(800)}\n    server: https://c${n}.example.com:6443\n  name: c${n}\n`)}contexts:
${each(n => `- context:\n    cluster: c${n}\n    user: u${n}\n  name: c${n}\n`)}current-context: c0
kind: Config
users:
${each(n => `- name: u${n}\n  user:\n    client-certificate-data: ${data(600)}\n    client-key-data: ${data(900)}\n`)}`;
}

/** What is measured: a module that works on the file named as its first argument. */
const measures = {
  merge: `
    import { layOut } from '${root}/source/kubeconfig/layout.ts';
    import { mergeEntries } from '${root}/source/kubeconfig/merge.ts';
    import { changeKubeconfigs } from '${root}/source/kubeconfig/write.ts';
    import { pathsOf } from '${root}/source/system/paths.ts';
    const [file, state] = process.argv.slice(2);
    const entries = ['red', 'blue'].map(name => ({ profile: name, server: 'https://' + name, ca: 'CA',
      user: { kind: 'exec', command: '/opt/dkp-auth-token', args: ['--profile', name] } }));
    const rules = { onConflict: 'fail', forNew: file, isKnown: () => false, setCurrent: undefined };
    const begun = performance.now();
    await changeKubeconfigs([file], layouts => mergeEntries(layouts, entries, rules).layouts,
      { paths: pathsOf({ HOME: state, DKP_AUTH_STATE_DIR: state }) });`,
  read: `
    import fs from 'node:fs';
    import { readKubeconfig } from '${root}/source/kubeconfig/read.ts';
    const [file] = process.argv.slice(2);
    const begun = performance.now();
    readKubeconfig(fs.readFileSync(file, 'utf8'), file);`,
  check: `
    import { Writable } from 'node:stream';
    import { check } from '${root}/source/commands/check.ts';
    const [file, state] = process.argv.slice(2);
    const stdout = new Writable({ write: (_part, _encoding, done) => done() });
    const streams = { env: { HOME: state, DKP_AUTH_STATE_DIR: state }, stdin: process.stdin, stdout, stderr: stdout };
    const begun = performance.now();
    // It ends with what it found.
    await check([file], { sarif: true }, streams, new AbortController().signal).catch(() => undefined);`,
};
const report = `
    const { user, system } = process.cpuUsage();
    process.stdout.write(JSON.stringify({ ms: performance.now() - begun, cpuMs: (user + system) / 1000, peakMb: process.resourceUsage().maxRSS / 1024 }));`;
const requireForEsm =
  "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);";

type Measured = { readonly ms: number; readonly cpuMs: number; readonly peakMb: number };

const folder = await fs.mkdtemp(path.join(os.tmpdir(), 'dkp-auth-bench-'));
try {
  const text = kubeconfigOf(contexts);
  const results: Record<string, Measured> = {};
  for (const [name, source] of Object.entries(measures)) {
    const file = path.join(folder, 'config');
    const outfile = path.join(folder, `${name}.mjs`);
    await fs.writeFile(file, text);
    await build({
      stdin: { contents: source + report, resolveDir: root, loader: 'ts' },
      bundle: true,
      platform: 'node',
      format: 'esm',
      banner: { js: requireForEsm },
      minify: true,
      outfile,
      logLevel: 'error',
    });
    const { stdout } = await promisify(execFile)(process.execPath, [
      outfile,
      file,
      path.join(folder, 'state'),
    ]);
    results[name] = JSON.parse(stdout) as Measured;
  }
  const size = `${contexts} contexts, ${(text.length / 1e6).toFixed(1)} MB`;
  if (values.json) process.stdout.write(`${JSON.stringify({ contexts, bytes: text.length, results })}\n`);
  else
    for (const [name, { ms, cpuMs, peakMb }] of Object.entries(results)) {
      process.stdout.write(
        `${name}: ${Math.round(ms)} ms (${Math.round(cpuMs)} ms of a processor), ${Math.round(peakMb)} MB (${size})\n`,
      );
    }
} finally {
  await fs.rm(folder, { recursive: true, force: true });
}
