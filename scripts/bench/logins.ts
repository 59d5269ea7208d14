import { startDemo } from '../../source/demo/index.ts';
import { logInOften } from '../../test/load/logins.ts';
import type { Measurement } from './harness.ts';
import { benchHome } from './profiles.ts';

const count = 200;
const atOnce = 8;

export const logins: Measurement = {
  name: 'logins',
  title: 'Logins a minute',
  method: `${count} logins of one machine at the embedded platform, ${atOnce} at once, each a process with a profile, a person and a kubeconfig of its own; the platform, its identity providers and the persons' browsers are on the same machine. No profile has another one's token, or the measurement fails. A login waits for a second by itself, so that the platform does not mix it up with another.`,
  async run(context) {
    const home = await benchHome(context);
    const demo = await startDemo({
      only: { clusters: ['kubernetes-cluster', 'red-lab'], identityProviders: ['corporate'] },
    });
    context.after(() => demo.close());
    const { done, milliseconds } = await logInOften(demo, home, count, atOnce);
    return [
      { what: 'logins', value: done, unit: 'times' },
      { what: 'logins a minute', value: Math.round((done * 60_000) / milliseconds), unit: 'times' },
      { what: 'tokens under another profile', value: 0, unit: 'times', target: 0 },
    ];
  },
};
