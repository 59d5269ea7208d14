/** How many rows a piece of a screen takes, known before it is drawn, so that a screen never outgrows its window. */
export type Sized = {
  readonly key: string;
  /** What there is no room for goes in this order, the lightest first; room that is left is given the other way round. */
  readonly weight: number;
  /** Rows without which it is not worth drawing. */
  readonly min: number;
  /** Rows it takes before lighter ones are asked, where there are so many; `min` when not given. */
  readonly ahead?: number;
  /** Rows it likes to have, before a lighter one gets more than its own. */
  readonly enough?: number;
  readonly max: number;
};

export type LaidOut<Block extends Sized> = { readonly block: Block; readonly rows: number };

/** Shares a window's rows out among blocks; those without any are left out. */
export function layOut<Block extends Sized>(blocks: readonly Block[], height: number): LaidOut<Block>[] {
  const byWeight = [...blocks].sort((a, b) => b.weight - a.weight);
  const rows = new Map<Block, number>();
  let spare = height;
  for (const block of byWeight) {
    if (block.min > spare) continue;
    const first = Math.min(Math.max(block.min, block.ahead ?? 0), block.max, spare);
    rows.set(block, first);
    spare -= first;
  }
  for (const wanted of [(block: Block) => block.enough ?? block.max, (block: Block) => block.max]) {
    for (const block of byWeight) {
      const has = rows.get(block);
      if (has === undefined) continue;
      const more = Math.max(0, Math.min(wanted(block) - has, spare));
      rows.set(block, has + more);
      spare -= more;
    }
  }
  return blocks.flatMap(block => {
    const count = rows.get(block) ?? 0;
    return count === 0 ? [] : [{ block, rows: count }];
  });
}
