import { type Html, html } from '../html.ts';
import type { DemoWorkspace } from '../types.ts';
import { prefix, type ServiceCluster } from './context.ts';

/** The token service's HTML, with the element classes of the real one. */
export function layout(title: string, panel: Html): string {
  return html`<!DOCTYPE html>
<html>
  <head>
    <meta charset="utf-8">
    <meta name="google" content="notranslate">
    <title>${title}</title>
    <meta name="viewport" content="width=device-width, initial-scale=1.0">
    <link href="${prefix}static/main.css" rel="stylesheet" type="text/css">
  </head>
  <body class="theme-body">
    <div class="theme-navbar"></div>
    <div class="dex-container">
      <div class="theme-panel">
${panel}
      </div>
    </div>
  </body>
</html>
`.text;
}

export function errorPage(status: number, message: string): string {
  return layout(
    `Error - ${status}`,
    html`<h2 class="theme-heading">Error - ${status}</h2>\n<p>An error has occurred with the following details:</p>\n<p>${message}</p>`,
  );
}

const button = (href: string, text: string) => html`
        <div class="theme-form-row">
          <a href="${href}" target="_self">
            <button class="dex-btn theme-btn-provider"><span class="dex-btn-text">${text}</span></button>
          </a>
        </div>`;

export function landingPage(workspace: DemoWorkspace | undefined): string {
  const tenant = workspace === undefined ? '' : `?tenant-id=${encodeURIComponent(workspace.name)}`;
  const list = workspace === undefined ? prefix : `${prefix}workspace/${encodeURIComponent(workspace.name)}`;
  return layout(
    'Log in',
    html`<h2 class="theme-heading">${workspace?.displayName ?? 'Kommander'}</h2>
        ${[
          button(`/dkp/kommander/dashboard/${tenant}`, 'Log in to the Dashboard'),
          button(list, 'Generate Kubectl Configuration'),
          button(`${prefix}plugin${tenant}`, 'Credentials plugin instructions'),
        ]}`,
  );
}

export function listPage(clusters: readonly ServiceCluster[], tenant: string | null): string {
  const query = tenant === null || tenant === '' ? '' : `?tenant-id=${encodeURIComponent(tenant)}`;
  const rows = clusters.map(
    cluster => html`
        <div class="theme-form-row">
          <p class="theme-form-description">${cluster.workspace ?? ''}</p>
          <a href="${prefix}login/${encodeURIComponent(cluster.name)}${query}" target="_self">
            <button class="dex-btn theme-btn-provider">
              <span class="dex-btn-icon dex-btn-icon--local"></span>
              <span class="dex-btn-text">${cluster.displayName}</span>
            </button>
          </a>
        </div>`,
  );
  return layout(
    'Generate Kubernetes Token',
    html`<h2 class="theme-heading">Generate Kubernetes Token</h2>\n<p>Select which cluster you require a token for:</p>${rows}`,
  );
}

export function pluginPage(clusters: readonly ServiceCluster[]): string {
  const rows = clusters.map(
    ({ hostname, displayName }) => html`\n<option value="${hostname}">${displayName}</option>`,
  );
  return layout(
    'Credentials plugin instructions',
    html`<h2 class="theme-heading">(Konvoy) Credentials plugin instructions</h2>
        <h3>Method 1</h3><p>Download a kubeconfig with the contexts of all clusters.</p>
        <h3>Method 2</h3><label>Set profile name (optional) <input name="profileName"></label><select>${rows}</select>`,
  );
}

export function instructionsPage(values: {
  cluster: ServiceCluster;
  profile: string;
  authUrl: string;
  caData: string;
}): string {
  const { cluster, profile, authUrl, caData } = values;
  const pre = (text: string) => html`<div class="command"><pre><code>${text}</code></pre></div>`;
  const { hostname } = cluster;
  return html`<div>
${pre(`mkdir -p \${HOME}/.kube/certs/${hostname}/ && cat << EOF > \${HOME}/.kube/certs/${hostname}/k8s-ca.crt\n${cluster.ca}EOF`)}
${pre(`kubectl config set-cluster ${hostname} \\\n    --certificate-authority=\${HOME}/.kube/certs/${hostname}/k8s-ca.crt \\\n    --server=${cluster.server}`)}
${pre(`kubectl config set-context ${profile}-${hostname} --cluster=${hostname} --user=${profile}`)}
${pre(`kubectl config set-credentials ${profile} \\\n    --exec-api-version=client.authentication.k8s.io/v1beta1 \\\n    --exec-command=konvoy-async-plugin \\\n    --exec-arg=-auth-url=${authUrl} \\\n    --exec-arg=-kubeconfig-user=${profile} \\\n    --exec-arg=-ca-data=${caData}`)}
${pre(`kubectl config use-context ${profile}-${hostname}`)}
</div>
`.text;
}
