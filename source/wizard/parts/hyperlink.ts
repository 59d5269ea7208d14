import { sha256 } from '../../system/digest.ts';

const stringEnd = '\u001b\\';

/** An address that can be clicked; the text is the address itself, so that nothing is lost where it cannot. */
export function hyperlink(address: string): string {
  // With an id a terminal knows the rows of an address that it wrapped as one link.
  const id = sha256(address).slice(0, 8);
  return `\u001b]8;id=${id};${address}${stringEnd}${address}\u001b]8;;${stringEnd}`;
}
