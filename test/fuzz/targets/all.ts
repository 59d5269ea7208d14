import type { Target } from '../target.ts';
import { argumentTargets } from './arguments.ts';
import { fileTargets } from './files.ts';
import { issuerTargets } from './issuer.ts';
import { peopleTargets } from './people.ts';
import { portalTargets } from './portal.ts';

export const targets: readonly Target[] = [
  ...portalTargets,
  ...issuerTargets,
  ...fileTargets,
  ...peopleTargets,
  ...argumentTargets,
];
