import type { Severity } from './finding.ts';

/** What a kind of finding means, whatever the file; docs/check.md has a section for each. */
export type Rule = {
  /** A few words. */
  readonly title: string;
  /** The worst it is reported as. */
  readonly severity: Severity;
  /** What an attacker or a mistake makes of it. */
  readonly risk: string;
  readonly fix: string;
};

/** A token of the platform lives this long unless an administrator says otherwise. */
export const longestTokenLifeSeconds = 24 * 60 * 60;

const rules = {
  FILE_UNREADABLE: {
    title: 'A kubeconfig cannot be read',
    severity: 'error',
    risk: 'kubectl refuses the file too, and every other file joined with it; nothing in it was checked.',
    fix: 'Mend the file at the place named, or take it out of KUBECONFIG.',
  },
  FILE_EMPTIED: {
    title: 'A kubeconfig is empty that dkp-auth left something in',
    severity: 'error',
    risk: 'A crash or a write that was cut short has taken its contexts: kubectl finds none of them.',
    fix: 'Put the copy back that was kept before the last change, and make that change again.',
  },
  SHARED_USER: {
    title: 'One user serves several clusters',
    severity: 'error',
    risk: 'Its credential is sent to all of them: whoever runs or breaks into one cluster can use it at the others.',
    fix: 'Give each cluster a user of its own.',
  },
  SHARED_TOKEN: {
    title: 'Users of different clusters hold the same token',
    severity: 'error',
    risk: 'Each cluster is sent a token that opens the others: whoever runs or breaks into one can use it there.',
    fix: 'Get a token for each cluster, and let the old one expire.',
  },
  SHARED_TOKEN_FILE: {
    title: 'Users of different clusters read the same token file',
    severity: 'error',
    risk: 'Whatever is written there is sent to all of them, also when it was meant for one.',
    fix: 'Give each user a token file of its own.',
  },
  SHARED_PROFILE: {
    title: 'A plugin keeps one token for users of different clusters',
    severity: 'error',
    risk: 'The plugin keeps one token under that name, so the token fetched for one cluster is sent to the others.',
    fix: 'Give each cluster a profile of its own.',
  },
  EQUAL_KONVOY_TOKENS: {
    title: 'The Konvoy plugin keeps the same token under several names',
    severity: 'error',
    risk: 'Two profiles look separate and are not: each of their clusters is sent a token that opens the others.',
    fix: 'Remove the token files; the next call of kubectl signs in anew.',
  },
  SHARED_AUDIENCE: {
    title: 'Several clusters accept a token with this audience',
    severity: 'warning',
    risk: 'Whoever gets hold of the token, one of the clusters included, can use it at the others until it expires.',
    fix: 'Ask an administrator to give each cluster an audience of its own: dkp-auth admin dex-client.',
  },
  TOKEN_EXPIRED: {
    title: 'A token has expired',
    severity: 'warning',
    risk: 'The cluster refuses it: kubectl answers "You must be logged in to the server".',
    fix: 'Sign in again, and let a plugin fetch tokens in place of writing one out.',
  },
  TOKEN_LONG_LIVED: {
    title: `A token is good for more than ${longestTokenLifeSeconds / 3600} hours, or for ever`,
    severity: 'warning',
    risk: 'A copy of the file, in a backup or a chat, opens the cluster for as long, and a token cannot be called back.',
    fix: 'Use short tokens that a plugin renews.',
  },
  NOT_A_TOKEN: {
    title: 'What is read as a token is no token',
    severity: 'error',
    risk: 'Its content, whatever it is, is sent to the server: so a kubeconfig from somebody else gets at your files.',
    fix: 'Do not use the file unless you know who wrote that line; name a file with a token in tokenFile.',
  },
  ADMIN_CERTIFICATE: {
    title: 'A client certificate makes its bearer the administrator',
    severity: 'warning',
    risk: "It passes every check of the cluster's roles, names no person, and cannot be revoked before it expires.",
    fix: 'Keep it offline for emergencies, and sign in as a person.',
  },
  INSECURE_TLS: {
    title: "The check of the server's certificate is turned off",
    severity: 'error',
    risk: 'Anybody on the way can pose as the cluster and is handed the credential.',
    fix: "Remove insecure-skip-tls-verify and name the cluster's authority in certificate-authority-data.",
  },
  HTTP_SERVER: {
    title: 'The server is reached without TLS',
    severity: 'error',
    risk: 'Everybody on the way reads and changes what is sent.',
    fix: 'Use the https address of the API server.',
  },
  LOOSE_MODE: {
    title: 'Others can read or write a file that is to be private',
    severity: 'error',
    risk: 'Who can read it can use its credentials; who can write it decides which program kubectl runs as you.',
    fix: 'Take the permissions of others back.',
  },
  EXEC_RELATIVE: {
    title: 'The plugin is not named by its absolute path',
    severity: 'warning',
    risk: 'What is run depends on where the file lies or on PATH: another program of that name runs as you.',
    fix: 'Name the plugin by its absolute path.',
  },
  EXEC_MISSING: {
    title: 'The plugin is not there',
    severity: 'warning',
    risk: 'kubectl cannot get a credential, and whoever can put a program at that place has it run as you.',
    fix: 'Install the plugin, or remove the user.',
  },
  EXEC_WRITABLE: {
    title: 'Others can replace the plugin',
    severity: 'error',
    risk: 'They put a program of theirs in its place; the next call of kubectl runs it as you.',
    fix: 'Move the plugin to a folder that only you or root can write.',
  },
  EXEC_SHELL: {
    title: 'The plugin is a shell with a command line',
    severity: 'error',
    risk: 'Whoever wrote the kubeconfig has any command run as you, at the next call of kubectl.',
    fix: 'Do not use the file unless you know who wrote that line; have a program of its own do the work.',
  },
  NO_CLUSTER_INFO: {
    title: 'An entry of dkp-auth does not let kubectl say which cluster it asks for',
    severity: 'error',
    risk: 'The binding of the profile to its cluster rests on it; without it no token is given out.',
    fix: 'Set provideClusterInfo: true in the exec entry.',
  },
  SHADOWED_NAME: {
    title: 'Two files define the same name differently',
    severity: 'error',
    risk: "Joined in KUBECONFIG, kubectl takes the first: one cluster's contexts then use another's server or credential.",
    fix: 'Rename one of them.',
  },
  DUPLICATE_NAME: {
    title: 'A file defines a name twice',
    severity: 'error',
    risk: 'kubectl refuses the file; other programs take the first or the last, as they please.',
    fix: 'Rename or remove one of them.',
  },
  NO_SUCH_CONTEXT: {
    title: 'The current context does not exist',
    severity: 'warning',
    risk: 'Without --context kubectl ends with an error, and some programs turn to localhost.',
    fix: 'Choose a context that exists.',
  },
} as const satisfies Record<string, Rule>;

/** Stable names, for scripts and code scanning: rename none. */
export type FindingCode = keyof typeof rules;

export const catalogue: Readonly<Record<FindingCode, Rule>> = rules;
export const findingCodes = Object.keys(rules) as FindingCode[];
