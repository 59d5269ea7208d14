import type { Block } from '../parts/blocks.tsx';
import { textWidth } from '../parts/graphemes.ts';
import type { State } from '../state.ts';
import { plainLine } from '../steps/answered.ts';
import { hintsFor } from '../steps/hints.ts';
import { stepsOf } from '../steps/order.ts';
import { around } from './around.ts';
import { gap } from './gap.ts';
import type { Place } from './place.ts';
import { fitsQr } from './qr-block.tsx';
import { bodyBlocks } from './step-blocks.tsx';

/** The whole live part, from the title to the keys. */
export function frameBlocks(state: State, place: Place): Block[] {
  const hints = state.leaving
    ? []
    : hintsFor(state, place.demoHints.length > 0, fitsQr(state.further?.waiting ?? state.waiting, place));
  const body = bodyBlocks(state, { ...place, rows: frameHeight(state, place) });
  return [
    ...(state.printed.length === 0 ? [] : [gap('top')]),
    ...around({ step: state.step, steps: stepsOf(state), body, hints }, place),
  ];
}

const fewestRows = 5;

/** Rows for the live part. What somebody is to open or to compare stands above it and should stay in the window. */
export function frameHeight(state: State, { width, rows = 24, marks }: Place): number {
  const { printed, waiting, further, isQrShown, step, certificates, problem, wayList } = state;
  const shown = further?.waiting ?? waiting;
  // A QR code is the same address, and needs all the room there is.
  if (isQrShown && wayList === undefined) return rows;
  const hasAddress = wayList === undefined && shown !== undefined && shown.kind !== 'starting';
  const hasFingerprint = step === 'trust' && certificates !== undefined;
  // What went wrong comes first.
  if (problem !== undefined || (!hasAddress && !hasFingerprint)) return rows;
  const lines = printed.slice(printed.lastIndexOf('')).map(line => plainLine(line, marks.done));
  const taken = lines.reduce((sum, line) => sum + Math.max(1, Math.ceil(textWidth(line) / width)), 0);
  return Math.max(Math.min(fewestRows, rows), rows - taken);
}
