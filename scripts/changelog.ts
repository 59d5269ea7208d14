/** Puts what is under *Unreleased* under a version of its own. @throws Error when there is nothing */
export function releaseChangelog(text: string, version: string, date: string): string {
  const [before, rest] = text.split('## Unreleased\n');
  const [changes = ''] = (rest ?? '').split(/^## /m);
  if (before === undefined || rest === undefined || changes.trim() === '') {
    throw new Error('CHANGELOG.md has nothing under Unreleased.');
  }
  return `${before}## Unreleased\n\n## ${version} (${date})\n${rest}`;
}
