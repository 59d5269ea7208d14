import fs from 'node:fs/promises';

/** What every user of the machine, or this one's other programs, can see of processes: arguments and environments. */
export type ProcWatch = {
  /** Everything seen so far, once each. */
  readonly seen: ReadonlySet<string>;
  stop(): Promise<void>;
};

const everyMs = 10;

/** Looks at all descendants of this process again and again; where there is no /proc, it sees nothing. */
export function watchProcesses(): ProcWatch {
  const seen = new Set<string>();
  let isOver = false;
  const look = async () => {
    while (!isOver) {
      for (const pid of await descendants(process.pid)) {
        for (const of of ['cmdline', 'environ']) {
          const text = await fs.readFile(`/proc/${pid}/${of}`, 'utf8').catch(() => '');
          if (text !== '') seen.add(text);
        }
      }
      await new Promise(resolve => setTimeout(resolve, everyMs));
    }
  };
  const looking = look();
  return {
    seen,
    async stop() {
      isOver = true;
      await looking;
    },
  };
}

async function descendants(pid: number): Promise<number[]> {
  const threads = await fs.readdir(`/proc/${pid}/task`).catch(() => []);
  const lists = await Promise.all(
    threads.map(thread => fs.readFile(`/proc/${pid}/task/${thread}/children`, 'utf8').catch(() => '')),
  );
  const children = lists.flatMap(list => list.split(' ').filter(Boolean).map(Number));
  return [...children, ...(await Promise.all(children.map(descendants))).flat()];
}
