import { test } from 'node:test';
import { playSchedules } from './flight-schedules.ts';

test('a hundred random schedules of callers, failures and kills: one flight each, nobody waits for ever, nothing torn', t =>
  playSchedules(t, 100));
