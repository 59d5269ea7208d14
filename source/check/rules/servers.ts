import type { Entry } from '../../kubeconfig/read.ts';
import { shellQuote } from '../../login/summary.ts';
import { plainText } from '../../text.ts';
import type { Finding } from '../finding.ts';
import { filesOf, type Landscape, textOf } from '../landscape.ts';
import { finding, quoted } from './rule.ts';

export function insecureTls(landscape: Landscape): Finding[] {
  return eachCluster(landscape, (file, cluster) => {
    if (cluster.content['insecure-skip-tls-verify'] !== true) return [];
    return finding('INSECURE_TLS', {
      file,
      line: cluster.lineOf('insecure-skip-tls-verify'),
      subject: `cluster ${quoted(cluster.name)}`,
      message: `The cluster ${quoted(cluster.name)} has insecure-skip-tls-verify: true.`,
      command: `kubectl config set-cluster ${shellQuote(plainText(cluster.name))} --insecure-skip-tls-verify=false --kubeconfig=${shellQuote(file)}`,
    });
  });
}

export function httpServers(landscape: Landscape): Finding[] {
  return eachCluster(landscape, (file, cluster) => {
    const server = textOf(cluster.content['server'])?.trim();
    if (server === undefined || !isWithoutTls(server, cluster)) return [];
    // Such as a `kubectl proxy`: only programs of this machine can listen in.
    const isLocal = /^(?:https?:\/\/)?(?:localhost|127\.[\d.]+|\[::1\])(?:[:/]|$)/i.test(server);
    return finding('HTTP_SERVER', {
      severity: isLocal ? 'warning' : 'error',
      file,
      line: cluster.lineOf('server'),
      subject: `cluster ${quoted(cluster.name)}`,
      message: `The cluster ${quoted(cluster.name)} is reached at ${quoted(server)}, without TLS.`,
    });
  });
}

/** An address without a scheme is `http`, unless the entry has something to do with TLS (client-go, DefaultServerURL). */
function isWithoutTls(server: string, { content }: Entry): boolean {
  if (/^http:\/\//i.test(server)) return true;
  const saysTls = ['certificate-authority', 'certificate-authority-data', 'insecure-skip-tls-verify'];
  return !server.includes('://') && saysTls.every(field => !content[field]);
}

function eachCluster(
  landscape: Landscape,
  look: (file: string, cluster: Entry) => Finding | Finding[],
): Finding[] {
  return filesOf(landscape).flatMap(({ path, entries }) =>
    entries.filter(({ section }) => section === 'clusters').flatMap(cluster => look(path, cluster)),
  );
}
