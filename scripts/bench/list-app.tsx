import { describeTerminal } from '../../source/system/terminal.ts';
import { lookFor } from '../../source/wizard/parts/look.tsx';
import { mountApp } from '../../source/wizard/parts/mount.tsx';
import { LiveWizard, manyClusters } from '../../test/terminal/fixtures/live-wizard.tsx';

// The wizard itself at its clusters: no platform sends as many in the 5 MB that are read of an answer.
const { element } = LiveWizard(manyClusters(5000));
await mountApp(element, { look: lookFor(describeTerminal()) }).waitUntilExit();
