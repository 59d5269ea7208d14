import { after, before } from 'node:test';
import type { LabDocument } from './document.ts';
import { theLab } from './harness.ts';
import { type Person, personAtChromium } from './person.ts';

/** What the scenarios of a file share: the lab as it is now, and a person at Chromium. */
export type Scene = { readonly lab: LabDocument; readonly person: Person };

/** Called at the top of a file; the scene is there once its tests run. */
export function setScene(): Scene {
  let lab: LabDocument | undefined;
  let person: Person | undefined;
  before(async () => {
    lab = await theLab();
    person = await personAtChromium(lab);
  });
  after(() => person?.close());
  const there = <T>(value: T | undefined): T => {
    if (value === undefined) throw new Error('the scene is set when the first test begins');
    return value;
  };
  return {
    get lab() {
      return there(lab);
    },
    get person() {
      return there(person);
    },
  };
}
