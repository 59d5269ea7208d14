import { type Environment, tildePath } from '../system/paths.ts';
import { plainText } from '../text.ts';
import { expiryWords, localTime } from '../time-text.ts';
import { parseUrl } from '../url.ts';
import type { ProfileStatus, Renewal } from './profile-status.ts';
import type { ServerReview } from './server-review.ts';

export type View = {
  /** Width to keep within; undefined where nobody counts, a pipe for one. */
  readonly columns: number | undefined;
  readonly env: Environment;
  /** Milliseconds since the epoch. */
  readonly now: number;
};

type Column = {
  readonly head: string;
  /** Columns of a higher number give way first. */
  readonly rank: number;
  cell(row: ProfileStatus, view: View): string;
};

const renewalWords: Record<Renewal, string> = {
  'by-itself': 'by itself',
  asks: 'asks you',
  'by-command': 'by login',
};

const reviewWords: Record<ServerReview['answer'], string> = {
  accepted: 'accepted',
  rejected: 'REJECTED',
  silent: 'does not tell',
  unreachable: 'no answer',
  'not-asked': 'not asked',
};

const allColumns: readonly Column[] = [
  { head: 'PROFILE', rank: 0, cell: row => row.name },
  { head: 'TOKEN', rank: 0, cell: (row, view) => tokenWords(row, view) },
  { head: 'CLUSTER', rank: 2, cell: row => row.cluster },
  { head: 'ACCOUNT', rank: 3, cell: row => row.account ?? 'none yet' },
  { head: 'RENEWS', rank: 1, cell: row => renewalWords[row.renewal] },
  { head: 'WORKSPACE', rank: 5, cell: row => row.workspace ?? 'global' },
  { head: 'ISOLATION', rank: 4, cell: row => row.isolation },
  { head: 'PORTAL', rank: 7, cell: row => hostOf(row.portal) },
  {
    head: 'KUBECONFIG',
    rank: 6,
    cell: (row, view) => row.kubeconfigs.map(file => placeWords(file, view)).join(', '),
  },
];

const reviewColumn: Column = {
  head: 'API SERVER',
  rank: 1,
  cell: ({ serverReview }) => (serverReview === undefined ? '' : reviewWords[serverReview.answer]),
};

export function formatTable(rows: readonly ProfileStatus[], view: View): string {
  if (rows.length === 0) return 'There is no profile on this machine yet. Run dkp-auth login.\n';
  const withReviews = rows.some(({ serverReview }) => serverReview !== undefined);
  const columns = withReviews
    ? [...allColumns.slice(0, 2), reviewColumn, ...allColumns.slice(2)]
    : allColumns;
  const { shown, hidden } = fit(columns, rows, view);
  if (shown.length === 0) return `${rows.map(row => formatProfile(row, view)).join('\n\n')}\n`;
  const lines = [
    shown.map(({ head }) => head),
    ...rows.map(row => shown.map(column => column.cell(row, view))),
  ];
  const widths = shown.map((_column, index) => Math.max(...lines.map(line => width(line[index] ?? ''))));
  const text = lines.map(line =>
    line
      .map((cell, index) => cell + ' '.repeat((widths[index] ?? 0) - width(cell)))
      .join('  ')
      .trimEnd(),
  );
  if (hidden.length > 0)
    text.push(
      `Not shown: ${hidden.map(({ head }) => head.toLowerCase()).join(', ')}. See dkp-auth status NAME.`,
    );
  return `${text.join('\n')}\n`;
}

/** Leaves out columns until the rest fits; none are left where even the first two do not. */
function fit(columns: readonly Column[], rows: readonly ProfileStatus[], view: View) {
  const needs = (column: Column) =>
    Math.max(width(column.head), ...rows.map(row => width(column.cell(row, view))));
  let shown = [...columns];
  const total = () => shown.reduce((sum, column) => sum + needs(column) + 2, -2);
  while (view.columns !== undefined && total() > view.columns && shown.length > 0) {
    const last = Math.max(...shown.map(({ rank }) => rank));
    shown = last === 0 ? [] : shown.filter(({ rank }) => rank !== last);
  }
  return { shown, hidden: shown.length === 0 ? [] : columns.filter(column => !shown.includes(column)) };
}

// Names here are plain text; wide letters may push a column, and never break a line.
const width = (text: string) => [...text].length;

const isolationWords: Record<ProfileStatus['isolation'], string> = {
  audience: 'isolated: no other cluster here accepts its token',
  separate: 'separate token; clusters with the same audience would accept it (see dkp-auth admin dex-client)',
};

const renewalSentences: Record<Renewal, string> = {
  'by-itself': 'by itself, as long as the login lasts',
  asks: 'kubectl asks you to sign in when the token is over',
  'by-command': 'by dkp-auth login, when the token is over',
};

/** Everything about one profile, a line each. */
export function formatProfile(row: ProfileStatus, view: View): string {
  const groups = row.groups.length === 0 ? [] : [`  groups      ${row.groups.join(', ')}`];
  const review = row.serverReview;
  return [
    row.name,
    `  cluster     ${row.cluster} (${row.server})`,
    `  portal      ${row.portal}`,
    `  workspace   ${row.workspace ?? 'none: global'}`,
    `  account     ${row.account ?? 'none yet'}, by ${row.signIn}`,
    ...groups,
    `  token       ${tokenSentence(row, view)}`,
    `  renews      ${renewalSentences[row.renewal]}`,
    `  isolation   ${isolationWords[row.isolation]}`,
    ...(review === undefined ? [] : [`  API server  ${describe(review)}`]),
    ...row.kubeconfigs.map(file => `  kubeconfig  ${placeWords(file, view)}, context ${file.context}`),
  ].join('\n');
}

function describe(review: ServerReview): string {
  if (review.answer !== 'accepted') return review.message;
  const groups = review.groups.length === 0 ? '' : ` (${review.groups.join(', ')})`;
  return `takes you for ${review.user}${groups}`;
}

function tokenWords({ expiresAt, needsLogin }: ProfileStatus, { now }: View): string {
  const words = expiryWords(seconds(expiresAt), now / 1000);
  return needsLogin && expiresAt !== null ? `${words}, login needed` : words;
}

function tokenSentence(row: ProfileStatus, { now }: View): string {
  const { expiresAt, renewal } = row;
  const end = seconds(expiresAt);
  if (end === undefined)
    return renewal === 'by-command' ? 'none yet' : "none yet; kubectl's first call asks for it";
  return `${expiryWords(end, now / 1000)}, ${end > now / 1000 ? 'until' : 'since'} ${localTime(end)}`;
}

const seconds = (expiresAt: string | null) => (expiresAt === null ? undefined : Date.parse(expiresAt) / 1000);

function placeWords({ path, exists }: ProfileStatus['kubeconfigs'][number], { env }: View): string {
  return `${tildePath(plainText(path, 500), env)}${exists ? '' : ' (gone)'}`;
}

const hostOf = (address: string) => parseUrl(address)?.host ?? address;
