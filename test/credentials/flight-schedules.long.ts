import { test } from 'node:test';
import { playSchedules } from './flight-schedules.ts';

const schedules = Number(process.env['DKP_AUTH_SCHEDULES'] ?? 500);

test(
  `${schedules} random schedules of callers, failures and kills: one flight each, nobody waits for ever, nothing torn`,
  {
    timeout: schedules * 1000,
  },
  t => playSchedules(t, schedules),
);
