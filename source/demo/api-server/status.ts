import type { ServerResponse } from 'node:http';
import { sendJson } from '../http.ts';

export type Refusal = {
  readonly code: number;
  readonly reason: string;
  readonly message: string;
  readonly details?: object;
};

/** A failure as Kubernetes writes it. */
export function sendStatus(response: ServerResponse, { code, reason, message, details }: Refusal): void {
  sendJson(response, code, {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message,
    reason,
    ...(details === undefined ? {} : { details }),
    code,
  });
}

export const unauthorized: Refusal = { code: 401, reason: 'Unauthorized', message: 'Unauthorized' };

export const notFound: Refusal = {
  code: 404,
  reason: 'NotFound',
  message: 'the server could not find the requested resource',
  details: {},
};
