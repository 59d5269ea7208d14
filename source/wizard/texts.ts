import type { SignInWay } from '../profiles/profile.ts';
import type { Step } from './steps/order.ts';

const wayNames: Partial<Record<SignInWay, string>> = {
  browser: 'Browser on this machine',
  device: 'One-time code',
  portal: "The platform's own login",
  paste: 'Paste an address back',
};

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

  stepShort: (number: number, of: number, title: string) => `${number}/${of} ${title}`,

  linkQuestion: 'Which login link did your administrator give you?',
  linkHelp: 'Any address of your platform will do: login link, workspace link or dashboard.',
  linkPlaceholder: 'for example https://dkp.example.com/token/landing/',
  linkOther: 'Another login link',
  resume: 'Go on where you left',
  resumeDetail: (host: string, step: string) => `${host}, at ${step}`,
  globalLink: 'global',
  workspaceLink: (workspace: string) => `workspace ${workspace}`,

  inspecting: (host: string) => `Looking at the certificate of ${host}`,
  trustQuestion: (host: string) => `This machine does not know who vouches for ${host}.`,
  trustAdvice: 'SHA-256, to be compared with your administrator:',
  trustThis: 'Trust it, for this platform only',
  trustFile: 'Choose a CA file instead',
  trustStop: 'Stop here',
  trustAnswer: 'Do you trust it?',
  caQuestion: 'File with the certificate authority (PEM):',
  subject: 'Subject',
  validity: 'Valid',
  validBetween: (from: string, to: string) => `${from} to ${to}`,
  systemTrust: 'trusted by this machine',
  ownTrust: 'trusted by you',

  connecting: (host: string) => `Asking ${host} for clusters and identity providers`,
  opening: (name: string) => `Asking ${name} for clusters and ways to sign in`,
  providerQuestion: 'Which identity provider do you sign in with?',

  accountQuestion: (account: string) => `You are signed in as ${account}.`,
  accountKeep: 'Go on with this account',
  accountOther: 'Sign in with another account',
  accountOtherDetail: 'if the browser signs you in again by itself, sign out there first',

  starting: 'Beginning a login',
  opened: 'A browser was opened.',
  addressOpened: 'If it shows nothing, open this address:',
  addressToOpen: 'Open this address in any browser:',
  waitingForLogin: 'Waiting for you to sign in',
  loginAdvice: 'Sign in to what you began yourself only; never open a login address that somebody sent you.',
  pageQuestion: "Which cluster's page do you want a token from?",
  pageAddressOpened: 'If it shows nothing, get a token here:',
  pageAddressToOpen: 'Get a token here, in any browser:',
  pasteQuestion: 'Paste the token, or the line it is in:',
  checkingToken: 'Checking the token',

  wayPicked: (way: SignInWay, why: string) => `By ${way}: ${why}.`,
  wayChosen: (way: SignInWay) => `By ${way}, as you chose.`,
  wayQuestion: 'How do you want to sign in?',
  wayNames: (way: SignInWay) => wayNames[way] ?? way,
  wayNeeds: (needs: string) => `needs ${needs}`,
  whyFlag: 'you asked for it',
  browserAddress: 'Open this address in a browser on this machine:',
  sshForward: 'On the machine you sit at, let its browser reach this one (leave it running):',
  sshAddress: 'Then open this address there:',
  deviceAddress: 'Open this in any browser, anywhere:',
  deviceEnter: 'Enter this one-time code there:',
  deviceComplete: 'Or open this, with the code in it:',
  deviceCode: 'Your one-time code:',
  deviceAdvice: (host: string) =>
    `Compare it with the code on the page at ${host}. Never enter a code that somebody sent you.`,
  timeLeft: (time: string) => `The code is good for ${time}.`,
  timeOver: 'The code has expired.',
  qrTooLarge: (columns: number, rows: number) =>
    `The QR code needs a window of ${columns} columns and ${rows} rows.`,
  pasteAddressQuestion: 'Paste the address the browser ended on, or the code in it:',
  pasteAddressHelp: 'That page may well say that it cannot be reached: its address is what counts.',
  checkingAnswer: 'Signing in',
  copied: 'The terminal was asked to copy the address; if nothing arrives, select it above.',

  demoSignIn: 'let the demo sign in',

  clustersQuestion: 'Which clusters do you want to use?',
  clustersNone: 'Choose at least one cluster: Space ticks it.',
  describing: 'Asking which tokens these clusters accept',
  oneLogin: 'One login serves them all; each cluster gets a token of its own.',
  firstTokenOnly: 'Your login serves one cluster; each further one gets a login and a token of its own.',

  methodQuestion: 'How do you want to use them?',
  methodOne: 'Method 1',
  methodTwo: 'Method 2',
  methodToken: 'Token',
  methodOneDetail: 'one kubeconfig with a context for each cluster',
  methodTwoDetail: 'a kubeconfig of its own for each cluster',
  methodTokenDetail: 'a plain token written out, good until it expires',

  timeQuestion: (count: number) =>
    count === 1
      ? 'One more cluster needs its own login. When?'
      : `${count} more clusters need a login each. When?`,
  timeLater: 'Later, when kubectl first asks',
  timeNow: 'Now, one after the other',
  answeredLater: 'sign in when kubectl first asks',
  answeredNow: 'sign in now',

  namesQuestion: 'A name for each profile: one profile, one cluster, one token.',
  nameOf: (number: number, of: number, cluster: string) => `Name ${number} of ${of}, for ${cluster}`,
  nameFor: (cluster: string) => `Profile name for ${cluster}`,
  nameTaken: (name: string, cluster: string, server: string) =>
    `"${name}" is taken by ${cluster} (${server}).`,
  nameTwice: (name: string, cluster: string) => `"${name}" is the name for ${cluster} already.`,
  nameSpoilt: (name: string) => `"${name}" is taken by a profile whose file cannot be read.`,
  nameOtherAccount: (name: string, account: string) => `"${name}" belongs to another account: ${account}.`,
  nameInvalid: (fault: string) => `The name ${fault}.`,
  nameFree: (name: string) => `Free: ${name} (Tab takes it)`,

  nameFreeSaid: (name: string) => `Free: ${name}.`,

  planning: 'Working out what would change',
  reviewQuestion: 'This will be written:',
  reviewUnchanged: 'Nothing has been changed so far.',
  scrolled: (from: number, to: number, of: number) =>
    `Lines ${from}-${to} of ${of}: arrows and page keys show the rest.`,
  scrolledShort: (from: number, to: number, of: number) => `Lines ${from}-${to} of ${of}: arrows move`,
  scrolledShortest: (from: number, to: number, of: number) => `${from}-${to}/${of} arrows`,
  more: (count: number) => `... and ${count} more: ? tells them all.`,
  moreLines: (count: number) => `... and ${count} more lines: ? tells them all.`,
  destinationMerge: 'm: merge it into the kubeconfig that kubectl uses instead.',
  destinationOwn: 'm: write a file of its own instead.',
  conflictHint:
    'The file was left as it is. r gives ours another name, o puts ours in its place; or go back and choose another name.',
  diffSaid: 'What changes in it:',
  reviewSignIns: (count: number) => (count === 1 ? 'Then one more login.' : `Then ${count} more logins.`),
  reviewPage: (cluster: string) =>
    `${cluster} accepts its own tokens only, so it is signed in to at its own page.`,

  writing: 'Writing',
  gettingTokens: 'Asking for a token for each cluster',
  furtherTitle: (cluster: string, number: number, of: number) =>
    `Sign in for ${cluster} (${number} of ${of})`,

  slow: 'This takes longer than usual: a slow network, or a slow server. r tries again.',
  slowRun: 'This takes longer than usual: a slow network, or a slow server.',
  progress: (text: string, done: number, all: number) => `${text}: ${done} of ${all}`,
  answers: 'answers',
  answersNot: 'no answer',
  hasProfile: (name: string) => `profile ${name}`,

  problem: 'Problem',

  plainStart:
    'Answer line by line. Enter alone takes what stands in brackets; < goes back, ? explains, ! leaves.',
  plainCommands: (commands: string) => `While it waits: ${commands}.`,
  plainAlso: (commands: string) => `Or: ${commands}.`,
  plainChoose: (proposed: string) => (proposed === '' ? 'Number' : `Number [${proposed}]`),
  plainChooseMany: (chosen: string) =>
    chosen === '' ? 'Numbers, or "all"' : `Numbers, or "all" [${chosen}]`,
  plainValue: (value: string) => (value === '' ? '' : `[${value}]`),
  plainWrite: 'Enter writes it',
  plainGoOn: 'Enter goes on',
  plainHidden: '(what is pasted is not shown)',
  plainMore: (count: number) => `... and ${count} more: type a part of a name to see those that have it.`,
  plainNothing: 'There is no such answer.',
  plainEnded: 'Nobody answers any more: the input has ended.',

  /** What a question is about, for somebody who asks with `?`. */
  help: {
    link: 'The address you were given to sign in with. It tells which platform you mean, and which workspace: a part of it, with its own people and clusters.',
    trust:
      'A certificate is how a server proves its name. This machine does not know who signed this one. Ask your administrator for the fingerprint, and trust it only when all of it is the same.',
    provider:
      'An identity provider keeps your account: your company directory, for example. Take the one that you sign in with elsewhere. The platform sends you there; your password is never typed here.',
    login:
      'You sign in on a page, in any browser on any machine. This program waits, and goes on by itself when you are done.',
    clusters:
      'A cluster is a group of machines that run your programs; kubectl is how you talk to it. Take the ones you need now: running this again adds more. "answers" means it can be reached from here.',
    method:
      'A kubeconfig is the file that tells kubectl where a cluster is and who you are. Method 1 keeps them together, and you switch between them; Method 2 keeps them apart, so that nothing can be mixed up.',
    time: 'A login gets a token for one cluster. The other logins can follow now, or each when you first use its cluster.',
    names:
      'A profile is what this program calls your access to one cluster. kubectl shows the name; a name never stands for two clusters.',
    review:
      'Nothing has been written yet. Enter writes these files; Esc goes back and changes an answer. Lines with + come into a file that is there already, lines with - go; all else in it stays.',
    run: 'The files are being written. What is left is a login for each further cluster.',
  } satisfies Record<Step, string>,
  helpKeys: (hints: string) => `Keys: ${hints}; arrows move, typing searches a list, Ctrl+Z pauses.`,

  leaveQuestion: 'Leave? Nothing has been changed.  y leaves, any other key stays',

  keys: {
    choose: 'choose',
    tick: 'tick',
    tickAll: 'all',
    accept: 'go on',
    back: 'back',
    leave: 'leave',
    open: 'open again',
    again: 'new address',
    page: 'paste a token instead',
    portal: 'sign in by browser',
    retry: 'try again',
    write: 'write it',
    merge: 'merge instead',
    ownFile: 'own file instead',
    rename: 'give ours another name',
    replace: 'replace theirs',
    later: 'leave for later',
    take: 'take the free name',
    newCode: 'new code',
    ways: 'other ways',
    qr: 'QR code',
    copy: 'copy address',
    help: 'help',
  },
} as const;
