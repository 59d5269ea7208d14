const crossClientScope = 'audience:server:client_id:';

export function audiencesOf(authorizationUrl: URL): string[] | undefined {
  const scopes = (authorizationUrl.searchParams.get('scope') ?? '').split(' ');
  const crossClient = scopes
    .filter(scope => scope.startsWith(crossClientScope))
    .map(scope => scope.slice(crossClientScope.length));
  if (crossClient.length > 0) return crossClient;
  const client = authorizationUrl.searchParams.get('client_id');
  return client === null ? undefined : [client];
}
