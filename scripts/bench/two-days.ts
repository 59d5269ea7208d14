import { liveFor } from '../../test/load/two-days.ts';
import type { Measurement } from './harness.ts';

const hours = 48;

export const twoDays: Measurement = {
  name: 'two-days',
  title: 'Two days of a token',
  method: `${hours} hours of a profile whose tokens live for an hour, by a clock that is set forward between two calls: a kubectl every 5 to 15 minutes, nights in which the machine sleeps, a network that is gone for up to two hours, answers of the issuer that are lost after it has renewed. Every call is the installed plugin. Each call got a token that was good as long as the network was there, and nobody was asked to log in, or the measurement fails.`,
  async run(context) {
    const life = await liveFor({ after: end => context.after(end) }, hours, 48);
    return [
      { what: 'calls', value: life.calls, unit: 'times' },
      {
        what: 'renewals',
        value: life.renewals,
        unit: 'times',
        target: Math.ceil(hours / 0.8) + 2 * life.losses + life.sleeps + Math.ceil(life.calls / 10),
      },
      { what: 'sleeps of the machine', value: life.sleeps, unit: 'times' },
      { what: 'losses of the network', value: life.losses, unit: 'times' },
      { what: 'calls without a network that were served', value: life.servedOffline, unit: 'times' },
      { what: 'calls without a network, the token over', value: life.refusedOffline, unit: 'times' },
      { what: 'logins asked for', value: 0, unit: 'times', target: 0 },
    ];
  },
};
