import { startDemo } from '../../source/demo/index.ts';
import { logInOften } from '../../test/load/logins.ts';
import type { Figure, Measurement } from './harness.ts';
import { benchHome } from './profiles.ts';

const doors = [
  // The real service hides the earlier of two logins of one second, so there are never sixty a minute.
  { door: 'portal', count: 60, atOnce: 2, clusters: ['kubernetes-cluster', 'red-lab'] },
  { door: 'issuer', count: 200, atOnce: 6, clusters: ['red-prod'] },
] as const;
const names = { portal: "the platform's token service", issuer: 'its issuer' };

export const logins: Measurement = {
  name: 'logins',
  title: 'Logins a minute',
  method: `Logins of one machine at the embedded platform, some at once, each a process with a profile, a person and a kubeconfig of its own; the platform, its identity provider and the persons' browsers are on the same machine. At the token service, which takes one login a second, ${doors[0].count}, ${doors[0].atOnce} at once; by a browser at the issuer ${doors[1].count}, ${doors[1].atOnce} at once. No profile has another one's token or another person's, or the measurement fails.`,
  async run(context) {
    const figures: Figure[] = [];
    for (const { door, count, atOnce, clusters } of doors) {
      const home = await benchHome(context);
      const demo = await startDemo({ only: { clusters, identityProviders: ['corporate'] } });
      context.after(() => demo.close());
      const { done, milliseconds } = await logInOften(demo, home, { count, atOnce, door });
      const perMinute = Math.round((done * 60_000) / milliseconds);
      figures.push(
        { what: `logins at ${names[door]}`, value: done, unit: 'times' },
        { what: `a minute at ${names[door]}`, value: perMinute, unit: 'times' },
      );
    }
    return [...figures, { what: 'tokens under another profile', value: 0, unit: 'times', target: 0 }];
  },
};
