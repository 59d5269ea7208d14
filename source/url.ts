/**
 * A text as an address, as the URL standard reads it, relative to `base` where one is given; undefined when it is none.
 * What stands here for `URL.parse`, which Node 22.0 does not have.
 */
export function parseUrl(text: string, base?: URL): URL | undefined {
  // Refuses most without an error to be made, but lets some very long hosts pass that `new URL` then refuses.
  if (!URL.canParse(text, base?.href)) return undefined;
  try {
    return new URL(text, base);
  } catch {
    return undefined;
  }
}
