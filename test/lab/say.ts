const started = performance.now();

/** Tells a person what goes on; stdout is for results. */
export function say(message: string): void {
  const seconds = ((performance.now() - started) / 1000).toFixed(1).padStart(6);
  process.stderr.write(`lab ${seconds}s  ${message}\n`);
}
