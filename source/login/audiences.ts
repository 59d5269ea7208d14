import type { ClusterAudience } from '../sign-in/issuer-client.ts';
import type { Choice } from './options.ts';

export function audienceOf(choice: Pick<Choice, 'audience'>): ClusterAudience {
  return choice.audience ?? { kind: 'shared' };
}

/** What a login is asked for, so that it can be narrowed to each of these clusters later. */
export function audiencesOf(choices: readonly Pick<Choice, 'audience'>[]): ClusterAudience[] {
  return choices.map(audienceOf).filter(audience => audience.kind !== 'shared');
}
