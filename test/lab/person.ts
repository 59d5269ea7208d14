import { type Browser, chromium, type Page } from 'playwright-core';
import type { LabDocument } from './document.ts';
import { connectors, type LabUser } from './world.ts';

const patience = 20_000;

/** A person at a browser of their own, on whatever machine. */
export type Person = {
  /** Opens an address and signs in there; returns what the last page says. */
  signIn(url: string | URL, user: LabUser, options?: { password?: string }): Promise<string>;
  /** The same where the last address leads nowhere on the browser's machine; returns the address. */
  signInAway(url: string | URL, user: LabUser, isThere: (url: URL) => boolean): Promise<string>;
  close(): Promise<void>;
};

/** Chromium, with a person in front of it who does what the pages ask for. */
export async function personAtChromium(lab: LabDocument): Promise<Person> {
  const browser = await chromium.launch({
    executablePath: lab.browser.executable,
    args: [...lab.browser.arguments],
    timeout: 60_000,
  });
  return {
    signIn: (url, user, { password = user.password } = {}) =>
      inPrivateWindow(browser, page => signIn(page, String(url), { ...user, password })),
    signInAway: (url, user, isThere) =>
      inPrivateWindow(browser, async page => {
        const there = page.waitForRequest(request => isThere(new URL(request.url())));
        // Its last page never comes.
        void signIn(page, String(url), user).catch(() => undefined);
        return (await there).url();
      }),
    close: () => browser.close(),
  };
}

async function inPrivateWindow<T>(browser: Browser, visit: (page: Page) => Promise<T>): Promise<T> {
  // The person's browser knows the platform's authority; Chromium itself can only be told to ignore it.
  const window = await browser.newContext({ ignoreHTTPSErrors: true });
  window.setDefaultTimeout(patience);
  try {
    return await visit(await window.newPage());
  } finally {
    await window.close();
  }
}

async function signIn(page: Page, url: string, user: LabUser): Promise<string> {
  await page.goto(url);
  // A device's code, which its complete address has filled in.
  if ((await page.locator('input[name=user_code]').count()) > 0) {
    await following(page, () => page.locator('button[type=submit]').click());
  }
  const choice = page.getByRole('link', { name: connectorName(user), exact: false });
  if ((await choice.count()) > 0) await following(page, () => choice.click());
  const login = page.locator('input[name=login]');
  if ((await login.count()) > 0) {
    await login.fill(user.login);
    await page.locator('input[name=password]').fill(user.password);
    await following(page, () => page.locator('button[type=submit]').click());
  }
  return (await page.locator('body').textContent()) ?? '';
}

/** Presses something and waits for the page that it leads to. */
async function following(page: Page, press: () => Promise<void>): Promise<void> {
  // Together, so that what goes wrong with the press is what is told.
  await Promise.all([page.waitForEvent('load'), press()]);
}

const connectorName = (user: LabUser) =>
  connectors.find(connector => connector.id === user.connector)?.name ?? user.connector;
