import { UserError } from '../../source/errors.ts';
import { readKubeconfig } from '../../source/kubeconfig/read.ts';
import { parseLoginLink } from '../../source/portal/login-link.ts';
import { fetchKubeconfigClusters } from '../../source/portal/token-service.ts';
import { answering } from '../fuzz/targets/portal.ts';
import { costlyYaml } from './yaml-cases.ts';

/** Reads every case by one of its readers: a line of JSON for each as it is done, with the processor's time. */
const link = parseLoginLink('https://dkp.example.com/token/landing/');
const readers: Readonly<Record<string, (text: string) => unknown>> = {
  kubeconfig: text => JSON.stringify(readKubeconfig(text, 'config').entries),
  download: text => fetchKubeconfigClusters({ link, http: answering({ '/plugin/kubeconfig': text }) }),
};
const read = readers[process.argv[2] ?? ''];
if (read === undefined) throw new Error(`Readers: ${Object.keys(readers).join(', ')}`);

for (const [name, text] of Object.entries(costlyYaml)) {
  const before = process.cpuUsage();
  let outcome = 'read';
  try {
    await read(text);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    outcome = error.message;
  }
  const { user, system } = process.cpuUsage(before);
  process.stdout.write(`${JSON.stringify({ name, outcome, ms: Math.round((user + system) / 1000) })}\n`);
}
