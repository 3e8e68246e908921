import { alert, html, page, trusted } from './page.ts';

/** An app asked for something that it can't have; or something that it relied on has ended. */
export function errorPage(baseUrl: string, reason: string): string {
  return page(
    baseUrl,
    'You can’t sign in this way',
    html`<p class="alert" role="alert">${reason}</p>
      <p>
        The page that you came from has asked for something that can’t be, or it was open for too long. Begin again:
      </p>
      <div class="actions"><a class="button" href="${baseUrl}/">Go to Autoclaim</a></div>`,
  );
}

/** @param form the OpenID Provider's own, with its secret; the button sends it. */
export function signOutPage(baseUrl: string, form: string): string {
  return page(
    baseUrl,
    'Sign out?',
    html`<p>You will be signed out of Autoclaim in this browser.</p>
      ${trusted(form)}
      <div class="actions">
        <a href="${baseUrl}/">Stay signed in</a>
        <button type="submit" form="op.logoutForm" name="logout" value="yes">Sign out</button>
      </div>`,
  );
}

export function signedOutPage(baseUrl: string): string {
  return page(
    baseUrl,
    'You are signed out',
    html`<p>Close the browser if others use this computer.</p>
      <div class="actions"><a class="button" href="${baseUrl}/">Sign in again</a></div>`,
  );
}

/** The password is set; now one signs in with it. */
export function passwordSetPage(baseUrl: string, userName: string): string {
  return page(
    baseUrl,
    'Your password is set',
    html`<p>From now on you sign in as <strong>${userName}</strong> with it. The link can’t be used again.</p>
      <div class="actions"><a class="button" href="${baseUrl}/">Sign in</a></div>`,
  );
}

/** Too many have failed; whether it would have been right this time was not looked at. */
export function waitPage(baseUrl: string, seconds: number): string {
  return page(baseUrl, 'Wait a little', alert(waitMessage(seconds)));
}

/** A one-time link that was used, was replaced, or is too old; or that never was one. */
export function spentLinkPage(baseUrl: string): string {
  return page(
    baseUrl,
    'This link can’t be used',
    html`<p class="alert" role="alert">It was used already, was replaced by a newer one, or is older than 24 hours.</p>
      <p>
        If your password is set, sign in with it. Else ask a Global Administrator or User Administrator for a new link;
        whoever runs the server gets one for the first administrator by starting it again.
      </p>
      <div class="actions"><a class="button" href="${baseUrl}/">Sign in</a></div>`,
  );
}

/** How long to wait, in words. */
export function waitMessage(seconds: number): string {
  const minutes = Math.ceil(seconds / 60);
  const time = seconds <= 60 ? `${seconds} seconds` : `${minutes} minutes`;
  return `Too many attempts have failed. Wait ${time}, then try again.`;
}
