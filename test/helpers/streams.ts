import { PassThrough } from 'node:stream';
import type { Streams } from '../../source/system/streams.ts';

export type FakeStreams = {
  readonly streams: Streams;
  readonly stdin: PassThrough;
  stdout(): string;
  stderr(): string;
};

/** Streams that are no terminal, for commands that run inside the test. */
export function fakeStreams(env: Streams['env'] = {}): FakeStreams {
  const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()];
  const written = [stdout, stderr].map(stream => {
    let text = '';
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
    });
    return () => text;
  });
  const streams = { env, stdin, stdout, stderr } as unknown as Streams;
  return { streams, stdin, stdout: written[0] ?? (() => ''), stderr: written[1] ?? (() => '') };
}
