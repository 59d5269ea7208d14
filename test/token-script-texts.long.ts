import { hostileTextsInEveryShell } from './helpers/hostile-callers.ts';

hostileTextsInEveryShell(Number(process.env['DKP_AUTH_SHELL_TEXTS'] ?? 60));
