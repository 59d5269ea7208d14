import { pairsInEveryShell } from './helpers/random-pairs.ts';

pairsInEveryShell(2000);
