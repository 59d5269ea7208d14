import type { Target } from '../target.ts';
import { argumentTargets } from './arguments.ts';
import { fileTargets } from './files.ts';
import { issuerTargets } from './issuer.ts';
import { peopleTargets } from './people.ts';
import { portalTargets } from './portal.ts';
import { signInTargets } from './sign-in.ts';

export const targets: readonly Target[] = [
  ...portalTargets,
  ...issuerTargets,
  ...signInTargets,
  ...fileTargets,
  ...peopleTargets,
  ...argumentTargets,
];
