import { startDemo } from '../../source/demo/index.ts';
import { logInOften } from '../../test/load/logins.ts';
import type { Figure, Measurement } from './harness.ts';
import { benchHome } from './profiles.ts';

const doors = [
  {
    door: 'portal',
    only: { clusters: ['kubernetes-cluster', 'red-lab'], identityProviders: ['corporate'] },
    count: 60,
    atOnce: 2,
    forMs: 45_000,
  },
  {
    door: 'issuer',
    only: { clusters: ['red-prod'], identityProviders: ['corporate', 'github'] },
    count: 200,
    atOnce: 4,
    forMs: 75_000,
  },
] as const;
const names = { portal: "the platform's token service", issuer: 'its issuer' };
/** The real service keys a login by the second in which it began, and the later of two hides the earlier. */
const mostAtPortal = 60;

export const logins: Measurement = {
  name: 'logins',
  title: 'Logins a minute',
  method: `Logins of one machine at the embedded platform, some at once, each a process with a profile and a kubeconfig of its own, and no person in two at once; the platform, its identity providers and the persons' browsers are on the same machine. By a browser at the issuer up to ${doors[1].count} within ${doors[1].forMs / 1000} seconds, ${doors[1].atOnce} at once; at the token service as many as ${doors[0].forMs / 1000} seconds give, ${doors[0].atOnce} at once. The token service takes one login a second by its protocol, so ${mostAtPortal} a minute are the bound there, whoever asks. No profile has another one's token or another person's, or the measurement fails.`,
  async run(context) {
    const figures: Figure[] = [];
    for (const { only, ...howOften } of doors) {
      const { door } = howOften;
      const home = await benchHome(context);
      const demo = await startDemo({ only });
      context.after(() => demo.close());
      const { done, milliseconds, again } = await logInOften(demo, home, howOften);
      const perMinute = (done * 60_000) / milliseconds;
      figures.push(
        { what: `logins at ${names[door]}`, value: done, unit: 'times' },
        { what: `a minute at ${names[door]}`, value: Math.round(perMinute), unit: 'times' },
      );
      if (door !== 'portal') continue;
      figures.push(
        {
          what: `of the bound of ${mostAtPortal} a minute there`,
          value: perMinute / mostAtPortal,
          unit: 'ratio',
        },
        { what: 'said again there, because others took their place', value: again, unit: 'times' },
      );
    }
    return [...figures, { what: 'tokens under another profile', value: 0, unit: 'times', target: 0 }];
  },
};
