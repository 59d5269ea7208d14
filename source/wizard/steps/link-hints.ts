import type { KeyHint } from '../parts/footer-text.ts';
import { texts } from '../texts.ts';

const { keys } = texts;

export const enter = (does: string, short?: string): KeyHint => ({
  key: 'Enter',
  does,
  ...(short && { short }),
});
export const leave: KeyHint = { key: 'Ctrl+C', does: keys.leave };
export const help: KeyHint = { key: '?', does: keys.help, short: '', stays: true };

export const linkHints = (hasList: boolean): KeyHint[] => [enter(hasList ? keys.choose : keys.accept)];

/** The keys of the wizard's first question, before anything is typed. */
export const firstHints = (hasList: boolean): KeyHint[] => [...linkHints(hasList), leave, help];
