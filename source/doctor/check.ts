/** What a check found. `todo` says what to do about it, in a sentence of its own. */
export type Outcome =
  | { readonly verdict: 'ok'; readonly seen: string }
  | { readonly verdict: 'warning' | 'fault'; readonly seen: string; readonly todo: string }
  /** It could not be looked at, because something before it is at fault. */
  | { readonly verdict: 'not-reached'; readonly seen: string };

export type Verdict = Outcome['verdict'];

export type Check = {
  /** Unique in a run; what others name in `needs`. */
  readonly key: string;
  /** What it is about, the same in every group; part of the JSON output. */
  readonly id: string;
  /** Keys of checks without which this one tells nothing. They stand before it in the list. */
  readonly needs?: readonly string[];
  readonly limitMs?: number;
  run(signal: AbortSignal): Promise<Outcome>;
};

export type CheckGroup = { readonly title: string; readonly checks: readonly Check[] };

export type Finding = Outcome & { readonly id: string; readonly ms: number };
export type FindingGroup = { readonly title: string; readonly findings: readonly Finding[] };

export const ok = (seen: string): Outcome => ({ verdict: 'ok', seen });
export const warning = (seen: string, todo: string): Outcome => ({ verdict: 'warning', seen, todo });
export const fault = (seen: string, todo: string): Outcome => ({ verdict: 'fault', seen, todo });
export const notReached = (seen: string): Outcome => ({ verdict: 'not-reached', seen });
