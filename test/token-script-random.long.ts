import { pairsInEveryShell } from './helpers/random-pairs.ts';

pairsInEveryShell(Number(process.env['DKP_AUTH_PAIRS'] ?? 10_000));
