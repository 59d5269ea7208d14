import type { Streams } from '../system/streams.ts';
import type { Demo } from './index.ts';
export async function playDemo(demo: Demo, streams: Streams, signal: AbortSignal): Promise<void> {
  void demo;
  void streams;
  void signal;
}
