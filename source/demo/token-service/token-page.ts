import { html } from '../html.ts';
import { claimsOf } from '../keys.ts';
import { prefix, type ServiceCluster } from './context.ts';
import { layout } from './pages.ts';
import type { IssuedTokens } from './relying-party.ts';

const managementCluster = 'kubernetes-cluster';

/** The page behind "Generate Token": the claims, and what to type on each operating system. */
export function tokenPage(cluster: ServiceCluster, { idToken }: IssuedTokens): string {
  const claims = claimsOf(idToken) ?? {};
  const email = typeof claims['email'] === 'string' ? claims['email'] : 'user';
  const user = email.split('@')[0] ?? 'user';
  const unix = commands(cluster, user, idToken, `\${HOME}/.kube/certs`, '\\');
  const windows = commands(cluster, user, idToken, '%USERPROFILE%\\.kube\\certs', '^');
  const tab = (id: string, lines: readonly string[]) => html`
        <div id="${id}" class="tabcontent">
          <h3>Run configuration commands</h3>
          <p>These commands will update <tt>~/.kube/config</tt></p>
          ${lines.map(
            line => html`
          <div class="command">
            <button class="btn" style="float:right" data-clipboard-snippet=""></button>
            <pre><code>${line}</code></pre>
          </div>`,
          )}
        </div>`;
  return layout(
    'Kubernetes Configuration',
    html`<div style="float:right"><a href="${prefix}">Login Again</a></div>
        <h2 class="theme-heading">Generated Kubernetes Token - ${cluster.displayName}</h2>
        <p>Please check that you have been assigned to the expected Groups, then follow the instructions based on your OS.</p>
        <div class="groups"><pre><code>${JSON.stringify(claims, null, 2)}</code></pre></div>
        ${[tab('Linux', unix), tab('MacOS', unix), tab('Windows', windows)]}
        <div id="IDToken" class="tabcontent">
          <p>The ID Token signed by dex and returned as part of the OAuth2 response - represented as a Json Web Token (JWT).</p>
          <div class="command"><pre><code>${idToken}</code></pre></div>
        </div>`,
  );
}

function commands(
  cluster: ServiceCluster,
  user: string,
  token: string,
  folder: string,
  more: string,
): string[] {
  const { name, server, ca } = cluster;
  const context = name === managementCluster ? 'nkp-management-cluster' : `${user}-${name}`;
  const file = more === '^' ? `${folder}\\${name}\\k8s-ca.crt` : `${folder}/${name}/k8s-ca.crt`;
  return [
    `mkdir -p ${folder}/${name}/ && cat << EOF > ${file}\n${ca}EOF`,
    `kubectl config set-cluster ${name} ${more}\n    --certificate-authority=${file} ${more}\n    --server=${server}`,
    `kubectl config set-credentials ${user}-${name} ${more}\n    --token=${token}`,
    `kubectl config set-context ${context} ${more}\n    --cluster=${name} ${more}\n    --user=${user}-${name}`,
    `kubectl config use-context ${context}`,
  ];
}
