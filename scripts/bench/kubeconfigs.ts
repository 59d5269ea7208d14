import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { type Figure, type Measurement, median } from './harness.ts';

const contexts = 5000;
const root = path.join(import.meta.dirname, '..', '..');

export const kubeconfigs: Measurement = {
  name: 'kubeconfigs',
  title: 'Kubeconfigs of 5,000 contexts',
  method: `Each cluster has a certificate authority and each user a certificate, as kubectl writes them. Each is a process of its own with the work of the program and nothing else; reading is a part of the other two. \`merge\` adds two contexts and writes the file, \`check\` tells what it finds as SARIF.`,
  async run(context) {
    const text = kubeconfigOf(contexts);
    const figures: Figure[] = [];
    for (const [name, source] of Object.entries(works)) {
      const file = path.join(context.folder, 'config');
      const program = path.join(context.folder, `${name}.mjs`);
      await bundle(source, program);
      const measured: Measured[] = [];
      for (let round = 0; round < Math.max(3, Math.ceil(context.runs / 20)); round++) {
        await writeFile(file, text);
        const args = [program, file, path.join(context.folder, 'state')];
        measured.push(JSON.parse((await promisify(execFile)(process.execPath, args)).stdout));
      }
      const of = (field: keyof Measured) => median(measured.map(each => each[field]));
      const isTold = name !== 'read';
      figures.push(
        { what: name, value: of('ms'), unit: 'ms', ...(isTold && { target: 2000 }) },
        { what: `peak memory of ${name}`, value: of('peakMb'), unit: 'MB', ...(isTold && { target: 200 }) },
      );
    }
    return figures;
  },
};

/** As kubectl writes it. */
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
const works: Readonly<Record<string, string>> = {
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
    process.stdout.write(JSON.stringify({ ms: performance.now() - begun, peakMb: process.resourceUsage().maxRSS / 1024 }));`;
const requireForEsm =
  "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);";

type Measured = { readonly ms: number; readonly peakMb: number };

async function bundle(source: string, outfile: string): Promise<void> {
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
}
