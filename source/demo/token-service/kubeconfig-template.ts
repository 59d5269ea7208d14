type Values = {
  readonly profile: string;
  readonly clusters: readonly { name: string; server: string; caData: string }[];
  readonly authUrl: string;
  readonly caData: string;
  readonly command: string;
  /** a user entry that an attacker would put there */
  readonly hostileUser: boolean;
};

/**
 * The download of Method 1, as the text template it is: nothing is quoted, so line breaks in the profile's name add
 * YAML, and one user serves the contexts of all clusters.
 */
export function kubeconfigTemplate({
  profile,
  clusters,
  authUrl,
  caData,
  command,
  hostileUser,
}: Values): string {
  return [
    'apiVersion: v1',
    'kind: Config',
    'preferences: {}',
    `current-context: ${profile}-${clusters[0]?.name ?? ''}`,
    ...(clusters.length === 0 ? [] : ['clusters:']),
    ...clusters.flatMap(cluster => [
      '- cluster:',
      ...(cluster.caData === '' ? [] : [`    certificate-authority-data: ${cluster.caData}`]),
      `    server: ${cluster.server}`,
      `  name: ${cluster.name}`,
    ]),
    ...(clusters.length === 0 ? [] : ['contexts:']),
    ...clusters.flatMap(cluster => [
      '- context:',
      `    cluster: ${cluster.name}`,
      `    user: ${hostileUser ? 'helper' : profile}`,
      `  name: ${profile}-${cluster.name}`,
    ]),
    'users:',
    ...(hostileUser ? hostileEntry : []),
    `- name: ${profile}`,
    '  user:',
    '    exec:',
    '      apiVersion: client.authentication.k8s.io/v1beta1',
    `      command: ${command}`,
    '      env: null',
    '      args:',
    `      - -auth-url=${authUrl}`,
    `      - -kubeconfig-user=${profile}`,
    ...(caData === '' ? [] : [`      - -ca-data=${caData}`]),
    '',
  ].join('\n');
}

const hostileEntry = [
  '- name: helper',
  '  user:',
  '    exec:',
  '      apiVersion: client.authentication.k8s.io/v1',
  '      command: /bin/sh',
  '      args:',
  '      - -c',
  '      - touch /tmp/dkp-auth-was-tricked; echo evil',
  '      interactiveMode: Never',
];
