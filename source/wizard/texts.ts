import type { Step } from './state.ts';

/** Every word the wizard says, in one place. */
export const texts = {
  titles: {
    link: 'Login link',
    trust: 'Certificate',
    provider: 'Identity provider',
    login: 'Sign in',
    clusters: 'Clusters',
    method: 'Kubeconfig',
    time: 'Other clusters',
    names: 'Profile names',
    review: 'Review',
    run: 'Finish',
  } satisfies Record<Step, string>,
  step: (number: number, of: number, title: string) => `dkp-auth  ${number}/${of}  ${title}`,

  linkQuestion: 'Which login link did your administrator give you?',
  linkHelp: 'Any address of your platform will do: login link, workspace link or dashboard.',
  linkPlaceholder: 'https://dkp.example.com/token/landing/',
  linkOther: 'Another login link',
  globalLink: 'global',
  workspaceLink: (workspace: string) => `workspace ${workspace}`,

  inspecting: (host: string) => `Looking at the certificate of ${host}`,
  trustQuestion: (host: string) => `This machine does not know who vouches for ${host}.`,
  trustAdvice: 'Compare the fingerprint with your administrator before you trust it.',
  trustThis: 'Trust this certificate authority, for this platform only',
  trustFile: 'Choose a file with the certificate authority',
  trustStop: 'Stop here',
  caQuestion: 'File with the certificate authority (PEM):',
  fingerprint: 'SHA-256',
  subject: 'Subject',
  issuer: 'Issuer',
  validity: 'Valid',
  validBetween: (from: string, to: string) => `${from} to ${to}`,
  systemTrust: 'trusted by this machine',
  ownTrust: 'trusted by you',

  connecting: (host: string) => `Asking ${host} for clusters and identity providers`,
  providerQuestion: 'Which identity provider do you sign in with?',

  starting: 'Beginning a login',
  addressOpened: 'A browser was opened. If it shows nothing, open this address:',
  addressToOpen: 'Open this address in any browser, on any machine:',
  waitingForLogin: 'Waiting for you to sign in',
  loginAdvice: 'Sign in to what you began yourself only; never open a login address that somebody sent you.',
  pageQuestion: "Which cluster's page do you want a token from?",
  pageAddressOpened: 'A browser was opened. If it shows nothing, get a token at this address:',
  pageAddressToOpen: 'Get a token at this address, in any browser:',
  pasteQuestion: 'Paste the token, or the whole line with --token= :',
  checkingToken: 'Checking the token',
  demoSignIn: 'the demo signs in for you',

  clustersQuestion: 'Which clusters do you want to use?',
  clustersNone: 'Choose at least one cluster: Space ticks it.',
  describing: 'Asking which tokens these clusters accept',
  firstTokenOnly: 'Your login serves one cluster; each further one gets a login and a token of its own.',

  methodQuestion: 'How do you want to use them?',
  methodOne: 'Method 1: one kubeconfig, a context for each cluster',
  methodTwo: 'Method 2: a kubeconfig for each cluster',
  methodToken: 'Token: a kubeconfig with a token written out',
  methodOneDetail: 'switch with kubectl config use-context',
  methodTwoDetail: 'switch with --kubeconfig= or KUBECONFIG',
  methodTokenDetail: 'stops working when the token expires',

  timeQuestion: (count: number) =>
    count === 1
      ? 'One more cluster needs its own login. When?'
      : `${count} more clusters need a login each. When?`,
  timeLater: 'Later: when kubectl first asks for it',
  timeNow: 'Now: one after the other',

  namesQuestion: 'A name for each profile: one profile, one cluster, one token.',
  nameFor: (cluster: string) => `Profile name for ${cluster}`,
  nameTaken: (name: string, cluster: string, server: string) =>
    `"${name}" is taken by ${cluster} (${server}).`,
  nameTwice: (name: string, cluster: string) => `"${name}" is the name for ${cluster} already.`,
  nameOtherAccount: (name: string, account: string) => `"${name}" belongs to another account: ${account}.`,
  nameInvalid: (fault: string) => `The name ${fault}.`,
  nameFree: (name: string) => `Free: ${name} (Tab takes it)`,

  planning: 'Working out what would change',
  reviewQuestion: 'This will be written. Nothing has been changed so far.',
  more: (count: number) => `... and ${count} more`,
  reviewSignIns: (count: number) => (count === 1 ? 'Then one more login.' : `Then ${count} more logins.`),
  reviewPage: (cluster: string) =>
    `${cluster} accepts its own tokens only, so it is signed in to at its own page.`,

  writing: 'Writing',
  furtherTitle: (cluster: string, number: number, of: number) =>
    `Sign in for ${cluster} (${number} of ${of})`,
  skipped: 'Left for later.',

  leaveQuestion: 'Leave? Nothing has been changed.  y leaves, any other key stays',

  keys: {
    choose: 'choose',
    tick: 'tick',
    tickAll: 'all',
    accept: 'go on',
    back: 'back',
    leave: 'leave',
    move: 'move',
    open: 'open browser',
    again: 'new address',
    page: 'paste a token instead',
    portal: 'sign in by browser instead',
    retry: 'try again',
    write: 'write it',
    later: 'leave for later',
    take: 'take the free name',
  },
} as const;
