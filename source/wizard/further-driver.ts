import { toUserError, UserError } from '../errors.ts';
import { checkToken } from '../login/obtain.ts';
import type { Choice } from '../login/options.ts';
import type { DkpPortal } from '../portal/portal.ts';
import { readProfile } from '../profiles/registry.ts';
import { findClusterPage, readPastedToken } from '../sign-in/page.ts';
import { beginPortalSignIn, waitForPortalSignIn } from '../sign-in/portal.ts';
import { type BrowserChoice, openBrowser } from '../system/browser.ts';
import type { Paths } from '../system/paths.ts';
import type { Emit } from './effects.ts';
import { signInAddress } from './steps/login.ts';

type Context = { readonly paths: Paths; readonly browser: BrowserChoice };

/** The sign-ins that follow the first, one at a time, and what a person pastes or skips during any of them. */
export type FurtherDriver = {
  signIn(
    choice: Choice,
    portal: DkpPortal,
    provider: string | undefined,
    emit: Emit,
    signal: AbortSignal,
  ): ReturnType<typeof checkToken>;
  /** The next text that is pasted; rejects when `signal` is aborted. */
  nextPaste(signal: AbortSignal): Promise<string>;
  paste(text: string): void;
  /** Leaves the sign-in under way for later. */
  skip(): void;
};

export function createFurtherDriver({ paths, browser }: Context): FurtherDriver {
  let onPaste: ((text: string) => void) | undefined;
  let onSkip: (() => void) | undefined;

  function nextPaste(signal: AbortSignal): Promise<string> {
    return new Promise((resolve, reject) => {
      onPaste = resolve;
      signal.addEventListener('abort', () => reject(signal.reason), { once: true });
    });
  }

  async function signInByPage(
    choice: Choice,
    portal: DkpPortal,
    demand: Parameters<typeof checkToken>[2],
    emit: Emit,
    signal: AbortSignal,
  ) {
    await showAddress((await findClusterPage(portal, choice.cluster, signal)).url, browser, emit);
    for (;;) {
      const text = await nextPaste(signal);
      try {
        return await checkToken(portal, readPastedToken(text), demand, signal);
      } catch (error) {
        signal.throwIfAborted();
        emit({ type: 'pasteRefused', error: toUserError(error) });
      }
    }
  }

  return {
    async signIn(choice, portal, provider, emit, signal) {
      const skipped = new AbortController();
      onSkip = () => skipped.abort(new UserError('LOGIN_NEEDED', 'Left for later.'));
      const either = AbortSignal.any([signal, skipped.signal]);
      emit({ type: 'further', choice });
      try {
        const account = (await readProfile(paths, choice.profile))?.account;
        const demand = { issuers: [choice.cluster.issuer], account, audiences: choice.audiences };
        if (choice.signIn === 'page') return await signInByPage(choice, portal, demand, emit, either);
        const pending = await beginPortalSignIn(portal, either);
        await showAddress(signInAddress(pending.authorizationUrl, provider), browser, emit);
        const token = await waitForPortalSignIn(portal, pending, {
          signal: either,
          onTrouble: trouble => emit({ type: 'trouble', message: trouble?.message }),
        });
        return await checkToken(portal, token, { ...demand, startedAt: pending.startedAt }, either);
      } catch (error) {
        // Some waits throw their own AbortError and not the reason they were stopped for.
        if (skipped.signal.aborted) throw skipped.signal.reason;
        throw error;
      } finally {
        emit({ type: 'furtherDone' });
      }
    },
    nextPaste,
    paste: text => onPaste?.(text),
    skip: () => onSkip?.(),
  };
}

export async function showAddress(url: URL, browser: BrowserChoice, emit: Emit): Promise<void> {
  emit({ type: 'address', url, opened: await openBrowser(url, browser) });
}
