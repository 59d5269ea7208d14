import type { Choice } from '../login/options.ts';
import type { SignInWay } from '../profiles/profile.ts';
import type { OtherWay } from '../sign-in/choose.ts';
import type { DeviceCode } from '../sign-in/device.ts';

const issuerWays = ['browser', 'device', 'paste'] as const;
export type IssuerWay = (typeof issuerWays)[number];

export function isIssuerWay(way: SignInWay): way is IssuerWay {
  return issuerWays.some(issuerWay => issuerWay === way);
}

/** The ways to sign in at an issuer: the one that was picked, why, and what the others need. */
export type Ways = { readonly way: SignInWay; readonly why: string; readonly others: readonly OtherWay[] };

/** A login that waits for its person, at the portal or at a cluster's page. */
export type Waiting =
  | { readonly kind: 'starting' }
  | {
      readonly kind: 'portal';
      readonly url: URL;
      readonly opened: boolean;
      readonly trouble: string | undefined;
    }
  | { readonly kind: 'page'; readonly url: URL; readonly opened: boolean; readonly checking: boolean }
  | { readonly kind: 'browser'; readonly url: URL; readonly opened: boolean }
  | {
      readonly kind: 'device';
      /** The one to open: with the code in it, where there is such an address. */
      readonly url: URL;
      readonly code: DeviceCode;
      readonly opened: boolean;
      readonly trouble: string | undefined;
    }
  | { readonly kind: 'paste'; readonly url: URL; readonly opened: boolean; readonly checking: boolean };

/** One of the sign-ins that follow the first. */
export type FurtherSignIn = { readonly choice: Choice; readonly waiting: Waiting };
