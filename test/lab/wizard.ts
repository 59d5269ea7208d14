import { texts } from '../../source/wizard/texts.ts';
import type { Terminal } from '../terminal/harness/terminal.ts';
import type { LabPortal } from './document.ts';
import { connectors, type LabUser } from './world.ts';

const letters = (text: string) => text.replaceAll(/\s/g, '');

/** Whether a text is on the screen, however its words are broken. */
const shows = (text: string) => (screen: string[]) => letters(screen.join('')).includes(letters(text));

/** The keys of a person who has a portal's login link and its CA file, up to the login. */
export async function enterPortal(terminal: Terminal, portal: LabPortal, user: LabUser): Promise<void> {
  await terminal.waitFor(shows(texts.linkQuestion));
  terminal.paste(portal.loginLink);
  await terminal.press('enter');
  await terminal.waitFor(shows(texts.trustFile));
  await terminal.press('down', 'down', 'enter');
  await terminal.waitFor(shows(texts.caQuestion));
  terminal.paste(portal.caFile);
  await terminal.press('enter');
  await chooseProvider(terminal, user);
}

export async function chooseProvider(terminal: Terminal, user: LabUser): Promise<void> {
  await terminal.waitFor(shows(texts.providerQuestion));
  const others = connectors.filter(({ id }) => id !== user.connector);
  terminal.type(user.connector);
  await terminal.waitFor(screen =>
    others.every(({ name }) => !screen.some(line => line.includes(`  ${name} `))),
  );
  await terminal.press('enter');
}

/** The address on the screen that was not there before, in one piece however narrow the terminal is. */
export async function addressShown(
  terminal: Terminal,
  before: readonly string[] = [],
  options: { timeout?: number } = {},
): Promise<string> {
  const shown = () =>
    terminal
      .logicalLines()
      .map(line => line.trim())
      .find(line => /^https:\/\/\S+\/auth\?\S+$/.test(line) && !before.includes(line));
  await terminal.waitFor(() => shown() !== undefined, options);
  return shown() ?? '';
}

export type Wishes = { readonly method: '1' | '2' | 'token'; readonly others?: 'now' | 'later' };

/** From the login to the last screen before something is written: all clusters, the names that are proposed. */
export async function chooseAllClusters(terminal: Terminal, { method, others }: Wishes): Promise<void> {
  await terminal.waitFor(shows(texts.clustersQuestion));
  await terminal.press('ctrl+a', 'enter');
  await terminal.waitFor(shows(texts.methodQuestion));
  const down = { 1: 0, 2: 1, token: 2 }[method];
  for (let times = 0; times < down; times += 1) await terminal.press('down');
  await terminal.press('enter');
  if (others !== undefined) {
    await terminal.waitFor(shows(texts.timeLater));
    if (others === 'now') await terminal.press('down');
    await terminal.press('enter');
  }
  await terminal.waitFor(shows(texts.namesQuestion));
  await terminal.press('enter', 'enter');
  await terminal.waitFor(shows(texts.reviewQuestion));
}
