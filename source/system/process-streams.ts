import type { Streams } from './streams.ts';

/** Apart from what else is about streams: Node makes each of them when it is first named. */
export const processStreams: Streams = {
  env: process.env,
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
};
