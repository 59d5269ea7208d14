import { toUserError } from '../errors.ts';
import type { LoginAnswers } from '../login/answers.ts';
import { readCaFile, trustAnswers } from '../login/connect.ts';
import { findAudiences } from '../login/find-audiences.ts';
import { checkToken } from '../login/obtain.ts';
import type { Choice } from '../login/options.ts';
import { type PlanContext, planLogin } from '../login/plan.ts';
import { runLogin } from '../login/run.ts';
import { listClusters } from '../portal/clusters.ts';
import { listIdentityProviders } from '../portal/identity-providers.ts';
import { openPortal } from '../portal/open-portal.ts';
import { isDkp, type Portal } from '../portal/portal.ts';
import { findTrust } from '../portal/trust.ts';
import { findClusterPage, readPastedToken } from '../sign-in/page.ts';
import { beginPortalSignIn, type PendingSignIn, waitForPortalSignIn } from '../sign-in/portal.ts';
import { type BrowserChoice, openBrowser } from '../system/browser.ts';
import { readCertificates } from '../system/certificates.ts';
import { copyToClipboard } from '../system/clipboard.ts';
import { steadyNow } from '../system/moment.ts';
import { chooseProxies } from '../system/proxy.ts';
import { probeServers } from '../system/reachable.ts';
import type { Streams } from '../system/streams.ts';
import type { Effect, EffectEvent, Emit } from './effects.ts';
import { createFurtherDriver, showAddress } from './further-driver.ts';
import { createIssuerDriver } from './issuer-driver.ts';
import { signInAddress } from './steps/login.ts';

/** A login begun earlier is used while its person still has this long to sign in, in milliseconds. */
const leastTimeLeft = 120_000;

/** A wait without a word is taken for a fault after three seconds. */
const slowAfterMs = 2500;
/** What is over soon, unless something is wrong. */
const hasty: ReadonlySet<Effect['kind']> = new Set([
  'inspect',
  'connect',
  'openTarget',
  'askAudiences',
  'describe',
  'issuerLogin',
  'signIn',
  'openPage',
  'checkPaste',
  'run',
]);

export type DriverContext = PlanContext & {
  readonly answers: LoginAnswers;
  readonly browser: BrowserChoice;
  /** The demo's own person, who signs in at an address. */
  readonly streams: Streams;
  /** How long to wait for the person at an issuer. */
  readonly timeoutSeconds: number | undefined;
  readonly playPerson: ((url: URL) => Promise<void>) | undefined;
};

export type Driver = {
  /** Starts an effect; what comes of it is told to `emit`. */
  run(effect: Exclude<Effect, { kind: 'exit' }>, emit: (event: EffectEvent) => void): void;
  /** Stops everything and waits until nothing is half done. */
  close(): Promise<void>;
};

/** Does what the reducer only describes. Every effect can be stopped, and stops before the next of its kind matters. */
export function createDriver(context: DriverContext): Driver {
  let controller = new AbortController();
  const running = new Set<Promise<void>>();
  const portals = new Set<Portal>();
  const issuer = createIssuerDriver(context);
  const further = createFurtherDriver(context);
  let probing = new AbortController();

  const proxies = () => chooseProxies(context.answers.proxy, context.env);

  async function perform(
    effect: Exclude<Effect, { kind: 'exit' }>,
    emit: Emit,
    signal: AbortSignal,
  ): Promise<void> {
    switch (effect.kind) {
      case 'abort':
        return;
      case 'inspect': {
        const answers = await trustAnswers(effect.link, context.answers, context);
        return emit({ type: 'inspected', finding: await findTrust(effect.link, answers, signal, proxies()) });
      }
      case 'readCa': {
        const { path, pem } = await readCaFile(effect.file, context.env);
        readCertificates(pem, path);
        return emit({ type: 'caRead', trust: { kind: 'authority', pem } });
      }
      case 'connect':
        return connect(effect, emit, signal);
      case 'openTarget': {
        const { target, ways } = await issuer.open(effect, signal);
        portals.add(target.portal);
        return emit({ type: 'targetOpened', target, ways });
      }
      case 'askAudiences': {
        const audiences = await effect.target.audiencesFor(effect.clusters, signal);
        return emit({ type: 'audiencesKnown', audiences });
      }
      case 'issuerLogin':
        return issuer.login(effect, emit, further.nextPaste, signal);
      case 'copy':
        return copyToClipboard(effect.text, context.streams);
      case 'signIn': {
        const pending = usable(effect.pending) ?? (await beginPortalSignIn(effect.portal, signal));
        const address = signInAddress(pending.authorizationUrl, effect.provider);
        await showAddress(address, context.browser, emit);
        const token = await waitForPortalSignIn(effect.portal, pending, {
          signal,
          onTrouble: trouble => emit({ type: 'trouble', message: trouble?.message }),
        });
        const demand = { issuers: effect.issuers, startedAt: pending.startedAt };
        return emit({ type: 'signedIn', token: await checkToken(effect.portal, token, demand, signal) });
      }
      case 'openPage':
        return showAddress(
          (await findClusterPage(effect.portal, effect.cluster, signal)).url,
          context.browser,
          emit,
        );
      case 'checkPaste': {
        const { audiences } = await findClusterPage(effect.portal, effect.cluster, signal);
        const demand = { issuers: [effect.cluster.issuer], audiences };
        const token = await checkToken(effect.portal, readPastedToken(effect.text), demand, signal);
        return emit({ type: 'signedIn', token });
      }
      case 'openBrowser':
        await openBrowser(effect.url, context.browser);
        return;
      case 'playPerson':
        return context.playPerson?.(effect.url);
      case 'probe': {
        probing = new AbortController();
        return probeServers(
          effect.clusters.map(({ server }) => server),
          {
            signal: AbortSignal.any([signal, probing.signal]),
            proxies: proxies(),
            onAnswers: answers => emit({ type: 'probed', answers }),
          },
        );
      }
      case 'stopProbing':
        return probing.abort();
      case 'describe': {
        const { portal, clusters } = effect;
        const tell = (done: number) => emit({ type: 'progress', done, all: clusters.length });
        const audiences = await findAudiences(portal, clusters, signal, sometimes(tell, clusters.length));
        return emit({ type: 'described', audiences });
      }
      case 'plan':
        return emit({ type: 'planned', plan: await planLogin(effect.options, context) });
      case 'run': {
        const { portal, identityProvider, issuerLogin, choices } = effect.options;
        let tokens = 0;
        const signIn = (choice: Choice) => {
          if (issuerLogin !== undefined) {
            // Plain tokens are all asked for before anything is written, and otherwise the first one is.
            if (effect.options.method !== 'token' && choice !== effect.options.choices[0])
              emit({ type: 'written' });
            tokens += 1;
            if (choices.length > 1) emit({ type: 'progress', done: tokens, all: choices.length });
            return issuer.tokenFor(choice, effect.options, effect.account, signal);
          }
          if (!isDkp(portal)) throw new Error('there is no token service here');
          return further.signIn(choice, portal, identityProvider, emit, signal);
        };
        const outcome = await runLogin(effect.options, effect.tokens, signIn, context);
        return emit({ type: 'done', outcome });
      }
      case 'paste':
        return further.paste(effect.text);
      case 'skipSignIn':
        return further.skip();
    }
  }

  async function connect(
    effect: Extract<Effect, { kind: 'connect' }>,
    emit: Emit,
    signal: AbortSignal,
  ): Promise<void> {
    const portal = openPortal(effect.link, effect.trust, { proxies: proxies() });
    portals.add(portal);
    const [clusters, begun] = await Promise.all([
      listClusters(portal, signal),
      effect.withProviders ? beginPortalSignIn(portal, signal) : undefined,
    ]);
    const url = begun?.authorizationUrl;
    const providers =
      url === undefined ? [] : await listIdentityProviders(portal.httpFor(url.origin), url, signal);
    emit({ type: 'connected', portal, clusters, providers, pending: begun });
  }

  return {
    run(effect, emit) {
      if (effect.kind === 'abort') {
        controller.abort(new DOMException('The person went on', 'AbortError'));
        controller = new AbortController();
        return;
      }
      const { signal } = controller;
      const tell = (event: EffectEvent) => {
        if (event.type !== 'progress') clearTimeout(slow);
        if (!signal.aborted) emit(event);
      };
      const isHasty = hasty.has(effect.kind);
      const slow = isHasty ? setTimeout(() => tell({ type: 'slow' }), slowAfterMs) : undefined;
      const work = perform(effect, tell, signal)
        .catch(error => tell({ type: 'failed', error: toUserError(error) }))
        .finally(() => clearTimeout(slow));
      running.add(work);
      void work.finally(() => running.delete(work));
    },
    async close() {
      controller.abort(new DOMException('The wizard ended', 'AbortError'));
      await Promise.allSettled(running);
      await issuer.close().catch(() => undefined);
      await Promise.all([...portals].map(portal => portal.close()));
    },
  };
}

/** Not at every single one of many. */
function sometimes(tell: (done: number) => void, all: number): (done: number) => void {
  const step = Math.max(1, Math.floor(all / 50));
  return done => {
    if (all > 1 && (done % step === 0 || done === all)) tell(done);
  };
}

function usable(pending: PendingSignIn | undefined): PendingSignIn | undefined {
  return pending !== undefined && pending.deadline - steadyNow() > leastTimeLeft ? pending : undefined;
}
