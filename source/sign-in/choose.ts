import type { SignInWay } from '../profiles/profile.ts';

/** What the issuer's metadata, its client and the portal make possible; undefined says why not, in words. */
export type Possibility = { readonly way: SignInWay; readonly missing: string | undefined };

/** What this machine and this call are like. */
export type Surroundings = {
  /** A browser here would be seen by the person. */
  readonly browser: boolean;
  /** Somebody can be asked. */
  readonly terminal: boolean;
  /** The person sits at another machine, whose browser reaches this one through a forwarded port only. */
  readonly ssh?: boolean;
};

export type OtherWay = {
  readonly way: SignInWay;
  readonly needs: string;
  /** The issuer allows it; whether it is of use here is for the person to say. */
  readonly possible: boolean;
};

export type WayChoice = {
  readonly way: SignInWay;
  readonly why: string;
  /** The other ways, and what each would need. */
  readonly others: readonly OtherWay[];
};

type Rule = {
  readonly way: SignInWay;
  readonly why: string;
  readonly fits: (here: Surroundings) => boolean;
  readonly needs: string;
};

/** In the order of preference; a person's own browser first, what needs no terminal before what does. */
const rules: readonly Rule[] = [
  {
    way: 'browser',
    why: 'there is a browser on this machine',
    fits: here => here.browser,
    needs: 'a browser on this machine',
  },
  {
    way: 'device',
    why: 'a code can be entered in any browser, on any machine',
    fits: () => true,
    needs: 'nothing more',
  },
  {
    way: 'portal',
    why: 'the platform signs you in itself, in any browser',
    fits: () => true,
    needs: 'nothing more',
  },
  {
    way: 'paste',
    why: 'an address can be opened elsewhere and pasted back',
    fits: here => here.terminal,
    needs: 'a terminal to paste into',
  },
];

/**
 * Picks a way to sign in from what is possible and where the program runs.
 * @returns undefined when no way for a person is possible
 */
export function chooseWay(possibilities: readonly Possibility[], here: Surroundings): WayChoice | undefined {
  const missing = new Map(possibilities.map(({ way, missing }) => [way, missing]));
  const possible = rules.filter(rule => missing.has(rule.way) && missing.get(rule.way) === undefined);
  const picked = possible.find(rule => rule.fits(here));
  if (picked === undefined) return undefined;
  const others = rules
    .filter(rule => rule !== picked && missing.has(rule.way))
    .map(rule => ({
      way: rule.way,
      needs: missing.get(rule.way) ?? needsOf(rule, here),
      possible: missing.get(rule.way) === undefined,
    }));
  return { way: picked.way, why: picked.why, others: here.ssh ? browserLast(others) : others };
}

function needsOf(rule: Rule, here: Surroundings): string {
  if (rule.way === 'browser' && here.ssh) return 'a port forwarded by ssh -L; the command is shown';
  return rule.fits(here) ? 'nothing more' : rule.needs;
}

const browserLast = (others: readonly OtherWay[]) => [
  ...others.filter(({ way }) => way !== 'browser'),
  ...others.filter(({ way }) => way === 'browser'),
];
