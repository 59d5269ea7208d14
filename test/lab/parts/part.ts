import type { Launch } from '../processes.ts';
import type { Run } from '../run.ts';

/** A server of the lab: how it is started, and how one sees that it works. */
export type Part = {
  readonly id: string;
  readonly about: string;
  /** what the suite loses when it cannot be had */
  readonly loses: string;
  /** parts that must answer before this one starts */
  readonly after: readonly string[];
  /** ids of programs to be built */
  readonly tools: readonly string[];
  /** files that Debian's packages bring */
  readonly files: readonly string[];
  readonly address: (run: Run) => string;
  /** Writes what the program needs, and says how to start it. Called at every start. */
  readonly prepare: (run: Run) => Promise<Launch>;
  readonly ready: (run: Run) => Promise<boolean>;
  /** Once it answers, at every start. */
  readonly settle?: (run: Run) => Promise<void>;
  /** how long it may take on a busy machine */
  readonly patienceSeconds: number;
};
