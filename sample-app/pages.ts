import type { JWTPayload } from 'jose';

/** Where the pages lead. */
export interface Links {
  readonly address: string;
  readonly adminCenter: string;
}

/** A product in the ID token's `licenses`. */
interface License {
  readonly skuPartNumber: string;
  readonly skuId: string;
}

export function signedOutPage({ address, adminCenter }: Links): string {
  return layout(
    'Sample app',
    `<h1>Sample app</h1>
    <p>This app opens for whoever has a license with <strong>Power BI Pro</strong>. Where you have none, and a policy gives
    you one, it is claimed while you sign in.</p>
    <p><a class="button" href="${address}/sign-in">Sign in</a></p>
    <h2>Try it</h2>
    <ol>
      <li>As an administrator, <a href="${adminCenter}/licenses/auto-claim">turn the setting on and add a policy</a> for
      <em>Sample app</em>, such as one with <em>Power BI Pro</em>.</li>
      <li>Give a person a password: <a href="${adminCenter}/users">Active users</a>, the person, <em>Reset password</em>. Or be
      that person yourself.</li>
      <li>Come back in a private window and sign in as that person. The license arrives with the sign-in.</li>
      <li>See who got it in the <a href="${adminCenter}/reports/auto-claim">Auto-claim policy report</a>.</li>
    </ol>`,
  );
}

/** @param person what the ID token says of who has signed in */
export function signedInPage({ address, adminCenter }: Links, person: JWTPayload): string {
  const licenses = (person['licenses'] ?? []) as readonly License[];
  const plans = (person['service_plans'] ?? []) as readonly string[];
  const userName = (person['preferred_username'] ?? person.sub) as string;
  const name = (person['name'] ?? userName) as string;
  return layout(
    'Sample app',
    `<h1>Welcome, ${escape(name)}</h1>
    ${
      licenses.length > 0
        ? '<p>You have what this app needs. It came with the token of your sign-in:</p>'
        : '<p>You were let in, but no license of yours opens this app.</p>'
    }
    <dl>
      <dt>Licenses</dt><dd>${list(licenses.map(({ skuPartNumber }) => skuPartNumber))}</dd>
      <dt>Apps and services</dt><dd>${list(plans)}</dd>
      <dt>Signed in as</dt><dd>${escape(userName)}</dd>
    </dl>
    <form class="row" method="post" action="${address}/sign-out">
      <a class="button" href="${adminCenter}/reports/auto-claim">View report</a>
      <a class="button quiet" href="${address}/sign-in">Sign in again</a>
      <button class="button quiet">Sign out</button>
    </form>
    <details>
      <summary>The whole ID token</summary>
      <pre tabindex="0">${escape(JSON.stringify(person, undefined, 2))}</pre>
    </details>`,
  );
}

/** Something went otherwise: what, and where to begin again. */
export function messagePage({ address }: Links, message: string): string {
  return layout(
    'Sample app',
    `<h1>Sample app</h1>
    <p role="alert">${escape(message)}</p>
    <p><a class="button" href="${address}/">Begin again</a></p>`,
  );
}

function list(items: readonly string[]): string {
  return items.length === 0 ? 'None' : `<ul>${items.map((item) => `<li>${escape(item)}</li>`).join('')}</ul>`;
}

function layout(title: string, body: string): string {
  return `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <meta name="color-scheme" content="light dark" />
    <title>${title}</title>
    <link rel="icon" href="data:," />
    <style>${STYLE}</style>
  </head>
  <body>
    <main>
    ${body}
    </main>
  </body>
</html>
`;
}

function escape(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}

// Another face than Autoclaim's: so that a newcomer sees when they have left the one for the other.
const STYLE = `
  :root { color-scheme: light dark; --accent: light-dark(#6b2fa0, #c9a6f0); --on-accent: light-dark(#fff, #1b0a2b); }
  body { margin: 0; font: 16px/1.5 system-ui, sans-serif; background: light-dark(#faf7fd, #17131c); overflow-wrap: anywhere; }
  main { max-width: 40rem; margin: 0 auto; padding: clamp(1rem, 6vw, 4rem) 1rem; }
  h1 { line-height: 1.2; }
  h2 { margin-top: 2.5rem; font-size: 1.1rem; }
  a { color: var(--accent); }
  dt { font-weight: 600; }
  dd { margin: 0 0 0.75rem; }
  ul, ol { padding-left: 1.25rem; margin: 0; }
  li { margin-bottom: 0.25rem; }
  .row { display: flex; flex-wrap: wrap; gap: 0.75rem; margin: 1.5rem 0; }
  .button { display: inline-block; padding: 0.5rem 1.25rem; border: 1px solid var(--accent); border-radius: 2rem;
    background: var(--accent); color: var(--on-accent); font: inherit; text-decoration: none; cursor: pointer; }
  .quiet { background: none; color: var(--accent); }
  :focus-visible { outline: 3px solid var(--accent); outline-offset: 3px; }
  pre { overflow: auto; padding: 1rem; background: light-dark(#efe8f6, #241d2d); border-radius: 0.5rem; font-size: 0.8rem; }
`;
