import { html } from './html.ts';
import { type Handler, redirect, sendHtml, sendText } from './http.ts';

const dashboard = '/dkp/kommander/dashboard';

/** The platform's ingress: the token service, the issuer, and a dashboard that says what it is. */
export function createPortal(tokenService: Handler, dex: Handler | undefined): Handler {
  return exchange => {
    const { response, path, url } = exchange;
    if (path === '/token' || path.startsWith('/token/')) return tokenService(exchange);
    if (dex !== undefined && path.startsWith('/dex/')) return dex(exchange);
    if (path === '/') return redirect(response, 302, `${dashboard}/`);
    if (path === '/ops/landing' || path === '/ops/landing/')
      return redirect(response, 302, '/token/landing/');
    if (path === dashboard) return redirect(response, 301, `${dashboard}/${url.search}`);
    if (path.startsWith(`${dashboard}/`)) return sendHtml(response, 200, dashboardPage);
    return sendText(response, 404, '404 page not found');
  };
}

const dashboardPage = html`<!DOCTYPE html>
<html>
  <head><meta charset="utf-8"><title>Kommander</title></head>
  <body><h1>Dashboard</h1><p>The demo has no dashboard.</p></body>
</html>
`.text;
