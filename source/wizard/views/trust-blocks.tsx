import type { Block } from '../parts/blocks.tsx';
import { textBlock } from '../parts/shapes.ts';
import type { State } from '../state.ts';
import { texts } from '../texts.ts';
import { fieldBlock } from './field-block.ts';
import { listBlocks } from './list-blocks.ts';
import type { Place } from './place.ts';
import { weights } from './weights.ts';

const day = (date: Date) => date.toISOString().slice(0, 10);

/** What the server shows of itself, to be compared with what the administrator says. */
export function trustBlocks({ certificates, link, caField, trustList }: State, place: Place): Block[] {
  const { width } = place;
  if (certificates === undefined || link === undefined) return [];
  const { subject, validFrom, validTo } = certificates.authority;
  const validity = `${texts.validity}: ${texts.validBetween(day(validFrom), day(validTo))}`;
  const told = [
    textBlock('who', texts.trustQuestion(new URL(link.origin).host), { width, weight: weights.question }),
    textBlock('subject', `${texts.subject}: ${subject}`, { width, weight: weights.detail }),
    textBlock('validity', validity, { width, weight: weights.note }),
  ];
  const besides = told.reduce((sum, { max }) => sum + max, 0);
  return [
    ...told,
    ...(caField === undefined
      ? listBlocks(trustList, place, besides)
      : [
          textBlock('file', texts.caQuestion, { width, weight: weights.hint }),
          fieldBlock('field', { state: caField, width, label: texts.caQuestion }),
        ]),
  ];
}
