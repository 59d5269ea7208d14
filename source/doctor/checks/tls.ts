import { askTheTime, type CertificateSummary, inspectServerCertificates } from '../../system/certificates.ts';
import type { Proxies } from '../../system/proxy.ts';
import { plainText } from '../../text.ts';
import { type Check, fault, notReached, type Outcome, ok, warning } from '../check.ts';

export type TlsPlace = {
  readonly prefix: string;
  readonly origin: URL;
  readonly proxies: Proxies;
  /** PEM, or undefined for the system's authorities. */
  readonly ca: string | undefined;
  readonly now?: () => number;
};

const dayMs = 24 * 60 * 60 * 1000;
const soonDays = 7;
/** Shorter than a check's own limit: a server that says nothing is the certificate check's fault to tell. */
const clockPatienceMs = 2_500;
/** Within the leeway that token checks have everywhere (OpenID Connect Core, section 3.1.3.7). */
const clockWarningMs = 60_000;
const clockFaultMs = 300_000;

/** The certificate, and whether this machine's clock is one to judge it by. */
export function tlsChecks({ prefix, origin, proxies, ca, now = Date.now }: TlsPlace): Check[] {
  let asked: Promise<{ server: number | undefined; here: number }> | undefined;
  const clock = (signal: AbortSignal) => {
    const patience = AbortSignal.any([signal, AbortSignal.timeout(clockPatienceMs)]);
    asked ??= askTheTime(origin, patience, proxies).then(
      server => ({ server, here: now() }),
      () => ({ server: undefined, here: now() }),
    );
    return asked;
  };
  return [
    {
      key: `${prefix}/clock`,
      id: 'clock',
      needs: [`${prefix}/tcp`],
      async run(signal) {
        const { server, here } = await clock(signal);
        if (server === undefined) return notReached('the server does not tell its time');
        return judgeClock(here - server);
      },
    },
    {
      key: `${prefix}/tls`,
      id: 'tls',
      needs: [`${prefix}/tcp`],
      async run(signal) {
        const authorities = ca === undefined ? undefined : [ca];
        const { server, fault: code } = await inspectServerCertificates(origin, signal, proxies, authorities);
        const serversTime =
          code !== undefined && isAboutDates(code) ? (await clock(signal)).server : undefined;
        return judgeCertificate(server, code, origin, {
          now: now(),
          serversTime,
          isChosen: ca !== undefined,
        });
      },
    },
  ];
}

function judgeClock(offsetMs: number): Outcome {
  const off = Math.abs(offsetMs);
  if (off < clockWarningMs) return ok('agrees with the server to the minute');
  const seen = `this machine's clock is ${span(off)} ${offsetMs > 0 ? 'ahead of' : 'behind'} the server's`;
  const todo =
    'Set the clock, or let the system do it (timedatectl set-ntp true). If this clock is right, tell your administrator.';
  return off < clockFaultMs ? warning(seen, todo) : fault(seen, todo);
}

function span(ms: number): string {
  const minutes = Math.round(ms / 60_000);
  if (minutes < 120) return `${minutes} minutes`;
  return minutes < 2880 ? `${Math.round(minutes / 60)} hours` : `${Math.round(minutes / 1440)} days`;
}

const isAboutDates = (code: string) => code === 'CERT_HAS_EXPIRED' || code === 'CERT_NOT_YET_VALID';
const day = (date: Date) => date.toISOString().slice(0, 10);

type Judging = { readonly now: number; readonly serversTime: number | undefined; readonly isChosen: boolean };

function judgeCertificate(
  { subject, issuer, validFrom, validTo, selfSigned }: CertificateSummary,
  code: string | undefined,
  { host }: URL,
  { now, serversTime, isChosen }: Judging,
): Outcome {
  const dates = `valid from ${day(validFrom)} to ${day(validTo)}`;
  if (code === undefined) {
    const left = Math.floor((validTo.getTime() - now) / dayMs);
    const seen = `${subject}, by ${issuer}, ${dates}`;
    if (left >= soonDays) return ok(seen);
    return warning(seen, `It ends in ${left} days. Tell your administrator.`);
  }
  if (isAboutDates(code)) {
    const isGoodThere =
      serversTime !== undefined && serversTime >= validFrom.getTime() && serversTime <= validTo.getTime();
    if (isGoodThere) return notReached("its dates cannot be judged while this machine's clock is wrong");
    return fault(
      `the certificate of ${host} is ${dates}, which today is not`,
      'Only the administrator of the platform can renew it.',
    );
  }
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') {
    return fault(
      `the certificate is for another name than ${host}: ${subject}`,
      'Use the name that the certificate has; or something between here and the platform answers in its place.',
    );
  }
  const chain = selfSigned ? 'signed by itself' : `signed by ${issuer}`;
  return fault(
    `the certificate of ${host} is ${chain}, which ${isChosen ? 'is not what you chose to trust' : 'this machine does not know'} (${plainText(code, 60)})`,
    isChosen
      ? 'If it was renewed, ask your administrator for the new authority and give it with --ca-file.'
      : "If your platform has its own authority, name it with --ca-file. If a firewall opens TLS, add the firewall's authority to the system.",
  );
}
