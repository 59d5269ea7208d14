import { createContext, type ReactNode, useContext } from 'react';
import { type Marks, marksFor, unicodeMarks } from './marks.ts';

/** How this terminal is drawn on: decided once at the start, the same for every part. */
export type Look = { readonly marks: Marks; readonly motion: boolean };

export const defaultLook: Look = { marks: unicodeMarks, motion: true };

export const lookFor = ({ unicode, motion }: { unicode: boolean; motion: boolean }): Look => ({
  marks: marksFor(unicode),
  motion,
});

const LookContext = createContext<Look>(defaultLook);

export function LookProvider({ look, children }: { look: Look; children: ReactNode }) {
  return <LookContext value={look}>{children}</LookContext>;
}

export const useLook = (): Look => useContext(LookContext);
