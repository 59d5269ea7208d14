import { createHash } from 'node:crypto';

/** What the browser shows when the login is over. */
export type LastPage = { readonly title: string; readonly text: string };

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};
const escaped = (text: string) => text.replace(/[&<>"']/g, character => entities[character] ?? character);

// The address holds the code. It is used up by now, but it has no business in the address bar or the history.
const script = "history.replaceState(null, '', '/');";
const style =
  ':root{color-scheme:light dark}body{font:18px/1.5 system-ui,sans-serif;max-width:34em;margin:15vh auto;padding:0 1em}';
const hashOf = (text: string) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;

/** Headers of every answer of the listener: nothing may run, be framed, be kept or tell where it came from. */
export const pageHeaders: Readonly<Record<string, string>> = {
  'cache-control': 'no-store',
  connection: 'close',
  'content-security-policy': [
    "default-src 'none'",
    `script-src ${hashOf(script)}`,
    `style-src ${hashOf(style)}`,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; '),
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
};

export function lastPageHtml({ title, text }: LastPage): string {
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(title)} - dkp-auth</title>
<style>${style}</style>
<h1>${escaped(title)}</h1>
<p>${escaped(text)}</p>
<script>${script}</script>
</html>
`;
}
