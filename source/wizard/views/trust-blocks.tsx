import { displayFingerprint } from '../../system/certificates.ts';
import { type Block, rowsBlock, textBlock } from '../parts/blocks.tsx';
import { theme } from '../parts/theme.ts';
import type { State } from '../state.ts';
import { texts } from '../texts.ts';
import { fieldBlock } from './field-block.tsx';
import { listBlocks } from './list-blocks.tsx';
import type { Place } from './place.ts';
import { weights } from './weights.ts';

const day = (date: Date) => date.toISOString().slice(0, 10);

/** What the server shows of itself, to be compared with what the administrator says. */
export function trustBlocks({ certificates, link, caField, trustList }: State, { width }: Place): Block[] {
  if (certificates === undefined || link === undefined) return [];
  const { subject, validFrom, validTo, fingerprint } = certificates.authority;
  const validity = `${texts.validity}: ${texts.validBetween(day(validFrom), day(validTo))}`;
  return [
    textBlock('who', texts.trustQuestion(new URL(link.origin).host), { width, weight: weights.question }),
    textBlock('subject', `${texts.subject}: ${subject}`, { width, weight: weights.detail }),
    textBlock('validity', validity, { width, weight: weights.note }),
    textBlock('advice', texts.trustAdvice, { width, weight: weights.fact }),
    rowsBlock('fingerprint', fingerprintRows(fingerprint, width), {
      weight: weights.field,
      style: theme.strong,
    }),
    ...(caField === undefined
      ? listBlocks(trustList, width)
      : [
          textBlock('file', texts.caQuestion, { width, weight: weights.hint }),
          fieldBlock('field', { state: caField, width, label: texts.caQuestion }),
        ]),
  ];
}

/** In rows of equal length, which are easier to compare; a single one only where it fits. */
export function fingerprintRows(fingerprint: string, width: number): string[] {
  const bytes = displayFingerprint(fingerprint).split(':');
  const perRow = [32, 16, 12, 8, 4].find(count => count * 3 <= width) ?? 1;
  const rows: string[] = [];
  for (let at = 0; at < bytes.length; at += perRow) rows.push(bytes.slice(at, at + perRow).join(':'));
  return rows;
}
