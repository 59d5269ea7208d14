/** A part that cannot be had here. The lab names it and fails: no suite passes by skipping. */
export class Missing extends Error {
  override readonly name = 'Missing';
  readonly part: string;
  readonly why: string;
  readonly loses: string;

  constructor(part: string, why: string, loses: string) {
    super(`${part} cannot be had: ${why}. Without it the suite loses: ${loses}`);
    this.part = part;
    this.why = why;
    this.loses = loses;
  }
}
