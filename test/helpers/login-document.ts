/** What `login --json` prints; scripts rely on these names. */
export type ErrorDocument = { error: { code: string; message: string; hint: string | null } };
export type FileDocument = {
  path: string;
  action: string;
  currentContext: string | null;
  backup?: string;
  diff?: string;
};
export type LoginDocument = {
  loginLink: string;
  method: string;
  profiles: {
    name: string;
    cluster: string;
    server: string;
    signIn: string;
    signedIn: boolean;
    account: null | { label: string; groups: string[] };
    expiresAt: string | null;
    kubeconfig: string;
    context: string;
    error: null | { code: string };
  }[];
  files: FileDocument[];
  commands: { try: string; use: string; switch: string[]; repeat: string };
};
