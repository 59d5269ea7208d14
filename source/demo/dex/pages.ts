import { type Html, html } from '../html.ts';
import type { DemoIdentityProvider } from '../types.ts';

/** Dex's pages, with the element classes of its templates. */

function page(issuer: string, panel: Html): string {
  return html`<!DOCTYPE html>
<html>
  <head>
    <meta charset="utf-8">
    <meta http-equiv="X-UA-Compatible" content="IE=edge,chrome=1">
    <title>${issuer}</title>
    <meta name="viewport" content="width=device-width, initial-scale=1.0">
  </head>

  <body class="theme-body">
    <div class="theme-navbar"></div>

    <div class="dex-container">
      <div class="theme-panel">
${panel}
      </div>
    </div>
  </body>
</html>
`.text;
}

export type Choice = {
  readonly provider: DemoIdentityProvider;
  readonly name: string;
  readonly href: string;
};

export function choicePage(issuer: string, choices: readonly Choice[]): string {
  const rows = choices.map(
    ({ provider, name, href }) => html`
      <div class="theme-form-row">
        <a href="${href}" class="dex-btn dex-btn-provider theme-btn-provider">
          <span class="dex-btn-icon dex-btn-icon--${provider.type}"></span>
          <span class="dex-btn-text">Log in with ${name}</span>
        </a>
      </div>`,
  );
  return page(issuer, html`<h2 class="theme-heading">Log in to dex </h2>\n<div>${rows}\n</div>`);
}

export type LoginForm = {
  readonly action: string;
  readonly back: string;
  readonly login: string;
  readonly invalid: boolean;
};

export function loginPage(issuer: string, form: LoginForm): string {
  const error = html`
    <div id="login-error" class="dex-error-box">
      Invalid Username and password.
    </div>`;
  const back = html`
  <div class="theme-link-back">
    <a class="dex-subtle-text" href="${form.back}">Select another login method.</a>
  </div>`;
  return page(
    issuer,
    html`<h2 class="theme-heading">Log in to Your Account</h2>
  <form method="post" action="${form.action}">
    <div class="theme-form-row">
      <div class="theme-form-label"><label for="login">Username</label></div>
      <input tabindex="1" required id="login" name="login" type="text" class="theme-form-input" placeholder="username" value="${form.login}"/>
    </div>
    <div class="theme-form-row">
      <div class="theme-form-label"><label for="password">Password</label></div>
      <input tabindex="2" required id="password" name="password" type="password" class="theme-form-input" placeholder="password"/>
    </div>
    ${form.invalid ? error : html``}
    <button tabindex="3" id="submit-login" type="submit" class="dex-btn theme-btn--primary">Login</button>
  </form>
  ${form.back === '' ? html`` : back}`,
  );
}

export function errorPage(issuer: string, type: string, message: string): string {
  return page(issuer, html`<h2 class="theme-heading">${type}</h2>\n<p>${message}</p>`);
}

export function devicePage(issuer: string, action: string, userCode: string, invalid: boolean): string {
  const error = html`
    <div id="login-error" class="dex-error-box">
      Invalid or Expired User Code
    </div>`;
  return page(
    issuer,
    html`<h2 class="theme-heading">Enter User Code</h2>
  <form method="post" action="${action}">
    <div class="theme-form-row">
      <input tabindex="2" required id="user_code" name="user_code" type="text" class="theme-form-input" placeholder="XXXX-XXXX" autocomplete="off" value="${userCode}"/>
    </div>
    ${invalid ? error : html``}
    <button tabindex="3" id="submit-login" type="submit" class="dex-btn theme-btn--primary">Submit</button>
  </form>`,
  );
}

export function deviceSuccessPage(issuer: string, client: string): string {
  return page(
    issuer,
    html`<h2 class="theme-heading">Login Successful for ${client}</h2>\n<p>Return to your device to continue</p>`,
  );
}
