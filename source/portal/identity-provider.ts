import { UserError } from '../errors.ts';
import { plainText, shortList } from '../text.ts';

/** A connector of Dex, as its choice page offers it. */
export type IdentityProvider = { readonly id: string; readonly name: string };

/** The same authorization address, with the provider already chosen. */
export function withIdentityProvider(authorizationUrl: URL, id: string): URL {
  const url = new URL(authorizationUrl);
  url.searchParams.set('connector_id', id);
  return url;
}

export function findIdentityProvider(list: readonly IdentityProvider[], text: string): IdentityProvider {
  const exact = list.find(provider => provider.id === text);
  if (exact !== undefined) return exact;
  const named = list.filter(provider => provider.name.toLowerCase() === text.toLowerCase());
  const [found, second] = named;
  if (second !== undefined) {
    throw new UserError(
      'UNKNOWN_IDENTITY_PROVIDER',
      `Several identity providers are called "${plainText(text)}".`,
      {
        hint: `Name one by its ID: ${shortList(named.map(({ id }) => id))}.`,
      },
    );
  }
  if (found !== undefined) return found;
  throw new UserError(
    'UNKNOWN_IDENTITY_PROVIDER',
    `There is no identity provider "${plainText(text)}" at this portal.`,
    {
      hint: `It has: ${shortList(list.map(provider => `${provider.id} (${provider.name})`))}.`,
    },
  );
}
