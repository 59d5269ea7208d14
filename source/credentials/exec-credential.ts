import * as v from 'valibot';
import { UserError } from '../errors.ts';
import { plainText } from '../text.ts';
import { defaultVersion, type ExecApiVersion, execApiVersions } from './exec-answer.ts';

const execInfoSchema = v.object({
  apiVersion: v.optional(v.string(), ''),
  kind: v.optional(v.string()),
  spec: v.optional(
    v.object({
      interactive: v.optional(v.boolean(), false),
      cluster: v.optional(
        v.object({
          server: v.string(),
          'tls-server-name': v.optional(v.string(), ''),
          'insecure-skip-tls-verify': v.optional(v.boolean(), false),
          'certificate-authority-data': v.optional(v.nullable(v.string()), ''),
        }),
      ),
    }),
    { interactive: false },
  ),
});

/** Which API server the caller will send the token to (`ExecCredential.spec.cluster`). */
export type CallerCluster = {
  readonly server: string;
  readonly tlsServerName: string;
  readonly insecureSkipTlsVerify: boolean;
  /** PEM, or empty for the system's authorities. */
  readonly ca: string;
};

/** What kubectl says about its call. */
export type ExecInfo = {
  readonly apiVersion: ExecApiVersion;
  readonly interactive: boolean;
  readonly cluster: CallerCluster | undefined;
};

/**
 * Reads `KUBERNETES_EXEC_INFO` (client-go credential plugins, input format).
 * @returns undefined when the variable is not set or empty: then a person called, not kubectl
 * @throws UserError EXEC_INFO_INVALID
 */
export function parseExecInfo(value: string | undefined): ExecInfo | undefined {
  if (value === undefined || value === '') return undefined;
  let data: unknown;
  try {
    data = JSON.parse(value);
  } catch (error) {
    throw new UserError('EXEC_INFO_INVALID', 'KUBERNETES_EXEC_INFO is not JSON.', {
      hint: hint,
      cause: error,
    });
  }
  const result = v.safeParse(execInfoSchema, data);
  if (!result.success || (result.output.kind !== undefined && result.output.kind !== 'ExecCredential')) {
    throw new UserError('EXEC_INFO_INVALID', 'KUBERNETES_EXEC_INFO is not an ExecCredential.', { hint });
  }
  const { apiVersion, spec } = result.output;
  return {
    apiVersion: apiVersion === '' ? defaultVersion : supportedVersion(apiVersion),
    interactive: spec.interactive,
    cluster: spec.cluster && {
      server: spec.cluster.server,
      tlsServerName: spec.cluster['tls-server-name'],
      insecureSkipTlsVerify: spec.cluster['insecure-skip-tls-verify'],
      ca: Buffer.from(spec.cluster['certificate-authority-data'] ?? '', 'base64').toString('utf8'),
    },
  };
}

const hint = 'kubectl sets this variable; to try by hand, unset it.';

function supportedVersion(version: string): ExecApiVersion {
  const found = execApiVersions.find(candidate => candidate === version);
  if (found !== undefined) return found;
  throw new UserError(
    'EXEC_INFO_INVALID',
    `The caller asks for ${plainText(version, 80)}, which is not supported.`,
    {
      hint: `Supported: ${execApiVersions.join(', ')}.`,
    },
  );
}
