import { createContext, type ReactNode, useContext } from 'react';
import type { ColorLevel } from '../../system/terminal.ts';
import { type Marks, marksFor, unicodeMarks } from './marks.ts';

/** How this terminal is drawn on: decided once at the start, the same for every part. */
export type Look = {
  readonly marks: Marks;
  readonly motion: boolean;
  readonly color: ColorLevel;
  /** Addresses can be clicked (OSC 8). */
  readonly links: boolean;
};

export const defaultLook: Look = { marks: unicodeMarks, motion: true, color: 0, links: false };

type Described = Pick<Look, 'motion'> &
  Partial<Pick<Look, 'color' | 'links'>> & { readonly unicode: boolean };

export const lookFor = ({ unicode, motion, color = 0, links = false }: Described): Look => ({
  marks: marksFor(unicode),
  motion,
  color,
  links,
});

const LookContext = createContext<Look>(defaultLook);

export function LookProvider({ look, children }: { look: Look; children: ReactNode }) {
  return <LookContext value={look}>{children}</LookContext>;
}

export const useLook = (): Look => useContext(LookContext);
