/** Ends the process at once; for what cannot be stopped, a name lookup for one. What was awaited is written. */
export function leave(exitCode: number): never {
  process.exit(exitCode);
}
