export { type LastPage, type SignInAs, type SignInOptions, signIn } from './browser.ts';
export type { CannedAnswer, CommonFault } from './disturbances.ts';
export { startDemo } from './embedded-dkp.ts';
export type { FaultOf, FaultPoint, FaultSwitch } from './faults.ts';
export type { Exchange } from './http.ts';
export type { Intercept } from './https-server.ts';
export type { TokenMint } from './mint.ts';
export type {
  Demo,
  DemoCluster,
  DemoDocument,
  DemoIdentityProvider,
  DemoOptions,
  DemoRequest,
  DemoUser,
  DemoWorkspace,
  GivenCluster,
  GivenIssuer,
} from './types.ts';
