import { kubeconfigDiff } from '../../kubeconfig/diff.ts';
import { formatLoginLink } from '../../portal/login-link.ts';
import { readCertificates } from '../../system/certificates.ts';
import { displayFingerprint } from '../../system/fingerprint.ts';
import { plainText } from '../../text.ts';
import type { FileOutcome } from './apply.ts';
import type { Conversion } from './conversion.ts';
import type { FileFix, FixPlan, ModeFix } from './plan.ts';

/** To find the differences takes the square of their number, and nobody reads more. */
const mostShown = 200;

export function isEmpty({ files, modes }: FixPlan): boolean {
  return files.length === 0 && modes.length === 0;
}

/** What would be changed, and what would not. */
export function formatFixPlan(plan: FixPlan): string {
  const parts = [...plan.files.map(formatFile), ...plan.modes.map(formatMode)];
  const left = plan.left.map(({ file, line, reason }) => `${plainText(file, 4000)}:${line}: ${reason}\n`);
  if (left.length > 0) parts.push(`Left as it is:\n${left.join('')}`);
  return parts.join('\n');
}

function formatFile(fix: FileFix): string {
  const { conversions, dropped, completed } = fix;
  const portals = new Set(conversions.map(portalLine));
  return [
    diffOf(fix),
    ...[...portals].map(line => `${line}\n`),
    ...conversions.map(({ context, profile, offer }) => {
      const { server } = offer.cluster;
      return `  ${plainText(context.name)}: profile ${profile}, for ${server} alone\n`;
    }),
    ...(dropped.length > 0 ? ['Not kept:\n', ...dropped.map(what => `  ${what}\n`)] : []),
    ...completed.map(user => `  ${plainText(user)}: lets kubectl say which cluster it asks for\n`),
  ].join('');
}

function diffOf({ file, after, changes }: FileFix): string {
  if (changes.length <= mostShown) return kubeconfigDiff({ path: file.path, before: file.text, after });
  return `${plainText(file.path, 4000)}: ${changes.length} entries change, too many to show.\n`;
}

function portalLine({ offer: { link, trust } }: Conversion): string {
  const login = formatLoginLink(link);
  if (trust.kind === 'system')
    return `Portal ${login}, its certificate checked by this machine's authorities:`;
  const [certificate] = readCertificates(trust.pem, 'the trusted certificate');
  const fingerprint = displayFingerprint(certificate?.fingerprint ?? '');
  return `Portal ${login}, trusting the certificate SHA-256\n  ${fingerprint}:`;
}

function formatMode({ path, from, to }: ModeFix): string {
  return `${plainText(path, 4000)}: mode ${octal(from)} becomes ${octal(to)}\n`;
}

const octal = (mode: number) => mode.toString(8).padStart(3, '0');

/** What was changed. */
export function formatOutcomes(outcomes: readonly FileOutcome[], { modes }: FixPlan): string {
  const lines = outcomes.map(({ fix, backup, failure }) => {
    const file = plainText(fix.file.path, 4000);
    if (failure !== undefined) return `${file}: left as it was. ${failure.message}\n`;
    return `${file}: changed${backup === undefined ? '' : `; as it was: ${plainText(backup, 4000)}`}\n`;
  });
  const isConverted = outcomes.some(
    ({ fix, failure }) => failure === undefined && fix.conversions.length > 0,
  );
  return [
    ...modes.map(formatMode),
    ...lines,
    ...(isConverted ? ['kubectl asks you to sign in at its first call to each cluster.\n'] : []),
  ].join('');
}

/** The plan, or what became of it, as `--json` prints it. */
export function fixDocument(plan: FixPlan, outcomes: readonly FileOutcome[] | undefined) {
  return {
    dryRun: outcomes === undefined,
    files: plan.files.map(fix => {
      const outcome = outcomes?.find(each => each.fix === fix);
      return {
        path: fix.file.path,
        changed: outcome !== undefined && outcome.failure === undefined,
        backup: outcome?.backup ?? null,
        error:
          outcome?.failure === undefined
            ? null
            : { code: outcome.failure.code, message: outcome.failure.message },
        diff: diffOf(fix),
        profiles: fix.conversions.map(({ context, profile, offer }) => ({
          context: context.name,
          name: profile,
          server: offer.cluster.server,
          loginLink: formatLoginLink(offer.link),
        })),
        notKept: fix.dropped,
        completed: fix.completed,
      };
    }),
    modes: plan.modes.map(({ path, from, to }) => ({ path, from: octal(from), to: octal(to) })),
    left: plan.left,
  };
}
