import { type Exchange, type Handler, redirect, sendHtml, sendText } from '../http.ts';
import { createAsync } from './async.ts';
import { clustersOf, prefix, type TokenService, tenantOf } from './context.ts';
import { createLoginPages } from './login.ts';
import { errorPage, landingPage, listPage } from './pages.ts';
import { createPlugin } from './plugin.ts';

/** Everything under `/token/`. What it does not know, the real one answers with the list of clusters, and so does this. */
export function createTokenService(service: TokenService): Handler {
  const asynchronous = createAsync(service);
  const pages = createLoginPages(service);
  const plugin = createPlugin(service);

  function list(exchange: Exchange, tenant: string | null) {
    const clusters = clustersOf(service, tenant);
    const [only, second] = clusters;
    if (exchange.path === prefix && only !== undefined && second === undefined) {
      return redirect(
        exchange.response,
        303,
        `${prefix}login/${encodeURIComponent(only.name)}${exchange.url.search}`,
      );
    }
    sendHtml(exchange.response, 200, listPage(clusters, tenant));
  }

  function ofWorkspace(
    exchange: Exchange,
    name: string,
    show: (workspace: { name: string; displayName: string }) => void,
  ) {
    const workspace = service.workspaces.find(candidate => candidate.name === name);
    if (workspace !== undefined) return show(workspace);
    sendHtml(exchange.response, 404, errorPage(404, `Workspace ${name} not found`));
  }

  return exchange => {
    const { response, path, url } = exchange;
    if (`${path}/` === prefix) return redirect(response, 301, `${prefix}${url.search}`);
    const route = path.slice(prefix.length);
    const [first = '', second = ''] = route.split('/').map(part => decoded(part));
    if (route === 'async') return asynchronous.start(exchange);
    if (route === 'async/query') return asynchronous.query(exchange);
    if (route === 'async/auth/callback') return asynchronous.callback(exchange);
    if (route === 'callback') return pages.callback(exchange);
    if (first === 'login' && second !== '') return pages.login(exchange, second);
    if (route === 'landing') return redirect(response, 301, `${prefix}landing/${url.search}`);
    if (first === 'landing' && second === '') return sendHtml(response, 200, landingPage(undefined));
    if (first === 'landing')
      return ofWorkspace(exchange, second, found => sendHtml(response, 200, landingPage(found)));
    if (first === 'workspace' && second !== '')
      return ofWorkspace(exchange, second, ({ name }) => list(exchange, name));
    if (first === 'plugin') return plugin(exchange);
    if (first === 'static') return sendText(response, 404, '404 page not found');
    return list(exchange, tenantOf(exchange));
  };
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
