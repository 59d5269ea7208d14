import { hostileTextsInEveryShell } from './helpers/hostile-callers.ts';

hostileTextsInEveryShell(12);
