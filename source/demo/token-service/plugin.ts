import { hostile } from '../hostile.ts';
import { type Exchange, send, sendHtml } from '../http.ts';
import {
  clustersOf,
  firstCluster,
  goJson,
  prefix,
  type ServiceCluster,
  type TokenService,
  tenantOf,
} from './context.ts';
import { kubeconfigTemplate } from './kubeconfig-template.ts';
import { errorPage, instructionsPage, pluginPage } from './pages.ts';

/** `/token/plugin/...`: what the credentials plugin's instructions and downloads are made of. Needs no login. */
export function createPlugin(service: TokenService) {
  const authUrl = `${service.origin}${prefix}`;
  const json = { 'content-type': 'application/json', 'access-control-allow-origin': '*' };
  const profileOf = ({ query }: Exchange) => query.get('profileName') || 'default-profile';
  const base64 = (pem: string) => Buffer.from(pem).toString('base64');

  function providers(exchange: Exchange): void {
    const fault = service.faults.taken('providers');
    const names = service.faults.taken('names');
    const clusters = clustersOf(service, tenantOf(exchange)).map((cluster, index) => {
      const evil = fault === 'elsewhere' && index === 0;
      return {
        name: shownName(cluster, names),
        clusterHostname: evil ? 'evil.example' : cluster.hostname,
        url: evil ? `https://evil.example${prefix}` : `${new URL(cluster.server).origin}${prefix}`,
        ca: cluster.listedCa,
      };
    });
    const { issuer } = service.relyingParty;
    const list = [{ name: new URL(issuer).hostname, url: issuer, clusters }];
    // Go marshals the nil slice of a list without entries as null.
    send(exchange.response, 200, goJson(clusters.length === 0 ? null : list), json);
  }

  function kubeconfig(exchange: Exchange, command: string): void {
    const profile = profileOf(exchange);
    const fault = service.faults.taken('kubeconfig');
    const clusters = clustersOf(service, tenantOf(exchange)).map((cluster, index) => ({
      name: fault === 'elsewhere' && index === 0 ? 'evil.example' : cluster.hostname,
      server: fault === 'elsewhere' && index === 0 ? 'https://evil.example:6443' : cluster.server,
      caData: base64(cluster.ca),
    }));
    const caData = base64(firstCluster(service).ca);
    const text = kubeconfigTemplate({
      profile,
      clusters,
      authUrl,
      caData,
      command,
      hostileUser: fault === 'exec-block',
    });
    send(exchange.response, 200, text, {
      'content-type': 'application/octet-stream',
      'content-disposition': `attachment; filename=kubeconfig-${profile.replace(/[^\x20-\x7e]/g, ' ')}`,
    });
  }

  function dataJson(exchange: Exchange): void {
    const { name } = firstCluster(service);
    const answer = { asyncAuthURL: authUrl, clusterName: name, profileName: profileOf(exchange) };
    send(exchange.response, 200, goJson(answer), json);
  }

  function data(exchange: Exchange) {
    const wanted = exchange.query.get('cluster') ?? '';
    const offered = clustersOf(service, tenantOf(exchange));
    const cluster = wanted === '' ? offered[0] : offered.find(({ hostname }) => hostname === wanted);
    if (cluster === undefined) return sendHtml(exchange.response, 400, errorPage(400, 'Bad Request'));
    const caData = base64(firstCluster(service).ca);
    const page = instructionsPage({ cluster, profile: profileOf(exchange), authUrl, caData });
    // The real one writes the status before the content type, and so says nothing of it.
    send(exchange.response, 200, page);
  }

  return (exchange: Exchange) => {
    const { request, response, path } = exchange;
    if (request.method !== 'GET') return sendHtml(response, 405, errorPage(405, 'Method Not Allowed'));
    switch (path.slice(prefix.length)) {
      case 'plugin/providers':
        return providers(exchange);
      case 'plugin/kubeconfig':
        return kubeconfig(exchange, 'konvoy-async-plugin');
      case 'plugin/kubeconfig_windows':
        return kubeconfig(exchange, 'konvoy-async-plugin.exe');
      case 'plugin/data':
        return data(exchange);
      case 'plugin/data/json':
        return dataJson(exchange);
      default:
        return sendHtml(response, 200, pluginPage(clustersOf(service, tenantOf(exchange))));
    }
  };
}

function shownName(cluster: ServiceCluster, fault: 'hostile' | 'same' | undefined): string {
  if (fault === 'hostile') return hostile(cluster.name);
  return fault === 'same' ? 'Production' : cluster.name;
}
