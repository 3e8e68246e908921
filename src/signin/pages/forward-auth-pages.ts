import { html, page } from './page.ts';

/** The style sheet of pages that are shown on an app's host is there too: by another host's no page is styled. */
const AT_APP = '/autoclaim-forward-auth';

/** Signed in at Autoclaim: on to the app. No redirect, since browsers hold one after a form to be the form's own. */
export function backToAppPage(baseUrl: string, appName: string, address: string): string {
  return page(
    baseUrl,
    `Going to ${appName}`,
    html`<meta http-equiv="refresh" content="0;url=${address}" />
      <p>You are signed in.</p>
      <div class="actions"><a class="button" href="${address}">Go on</a></div>`,
  );
}

/** On the app's host: something can't be done, and there is one way on. */
export function atAppPage(
  title: string,
  reason: string,
  way: { readonly label: string; readonly uri: string },
): string {
  return page(
    AT_APP,
    title,
    html`<p class="alert" role="alert">${reason}</p>
      <div class="actions"><a class="button" href="${way.uri}">${way.label}</a></div>`,
  );
}

/** On the app's host: whoever has set it up has to do something. */
export function notSetUpPage(reason: string): string {
  return page(
    AT_APP,
    'This address isn’t open',
    html`<p class="alert" role="alert">${reason}</p>
      <p>Whoever runs this app can change that in Autoclaim, in Settings, under Forward auth.</p>`,
  );
}
