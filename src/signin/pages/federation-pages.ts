import type { LinkRefusal } from '../../engine/identity-provider/decide-link.ts';
import { alert, field, html, page } from './page.ts';

/** A provider as a page offers it. */
export interface OfferedProvider {
  readonly name: string;
  readonly address: string;
}

/** Ways to sign in by a provider, each a link: no form, since a browser sends no form to another server for us. */
export function providerLinks(providers: readonly OfferedProvider[]) {
  return html`<ul class="providers">
    ${providers.map(({ name, address }) => html`<li><a class="button quiet" href="${address}">Sign in with ${name}</a></li>`)}
  </ul>`;
}

/** The name first: its domain may lead to a provider. */
export function nameFirstPage(
  baseUrl: string,
  at: {
    readonly action: string;
    readonly userName?: string | undefined;
    readonly problem?: string | undefined;
    readonly providers: readonly OfferedProvider[];
    /** Where one signs in by a password whatever the name; undefined where nobody may. */
    readonly passwordAddress: string | undefined;
  },
): string {
  const { action, userName, problem, providers, passwordAddress } = at;
  return page(
    baseUrl,
    'Sign in',
    html`${alert(problem)}
      <form method="post" action="${action}">
        ${field('userName', 'User name', {
          type: 'text',
          value: userName,
          autocomplete: 'username',
          hint: 'Such as name@contoso.example',
          isFocused: true,
        })}
        <div class="actions"><button type="submit">Next</button></div>
      </form>
      ${providerLinks(providers)}
      ${
        passwordAddress === undefined
          ? html``
          : html`<p class="hint"><a href="${passwordAddress}">Sign in with a password</a></p>`
      }`,
  );
}

/** On the way to a provider, from a form: a redirect would count as sending the form there. */
export function onTheWayPage(baseUrl: string, to: OfferedProvider): string {
  return page(
    baseUrl,
    `Going to ${to.name}`,
    html`<meta http-equiv="refresh" content="0;url=${to.address}" />
      <p>You sign in there, and come back.</p>
      <div class="actions"><a class="button" href="${to.address}">Go on</a></div>`,
  );
}

/** The provider has not signed the person in, or what it says can't be believed. */
export function providerFailedPage(
  baseUrl: string,
  at: { readonly name: string; readonly reason: string; readonly back: string; readonly reference: string },
): string {
  return page(
    baseUrl,
    'You are not signed in',
    html`<p class="alert" role="alert">${at.reason}</p>
      <p>Try again, or sign in another way. If it goes on, tell an administrator of your organisation.</p>
      <div class="actions"><a class="button" href="${at.back}">Back to sign in</a></div>
      <p class="hint">Reference: ${at.reference}</p>`,
  );
}

/** The person was signed in by the provider, and is nobody here. */
export function refusedAtDoorPage(
  baseUrl: string,
  at: { readonly name: string; readonly reason: LinkRefusal; readonly back: string; readonly reference: string },
): string {
  return providerFailedPage(baseUrl, { ...at, reason: REFUSALS[at.reason](at.name) });
}

const REFUSALS: Readonly<Record<LinkRefusal, (provider: string) => string>> = {
  userBlocked: () => 'This account is blocked. An administrator of your organisation can unblock it.',
  nameNotVerified: (provider) => `${provider} signed you in, but doesn’t vouch for a user name of this organisation.`,
  domainNotOfProvider: (provider) => `${provider} signed you in, but not with a user name that it may vouch for here.`,
  anotherIdentity: (provider) => `The user with your name is linked to another account at ${provider}.`,
  noUser: (provider) => `${provider} signed you in, but there is no user with your name in this organisation.`,
  tokenWithoutSubject: (provider) => `${provider} doesn’t say who you are.`,
};

/** Who holds a directory role proves by the password too that the provider's account is theirs; once. */
export function confirmLinkPage(
  baseUrl: string,
  at: {
    readonly action: string;
    readonly provider: string;
    readonly userName: string;
    readonly key: string;
    readonly problem?: string | undefined;
  },
): string {
  return page(
    baseUrl,
    'Confirm that this is you',
    html`${alert(at.problem)}
      <p>
        ${at.provider} signed you in. Since <strong>${at.userName}</strong> is an administrator, give the password that
        you have here, this once. From then on ${at.provider} is enough.
      </p>
      <form method="post" action="${at.action}">
        <input type="hidden" name="key" value="${at.key}" />
        <input type="hidden" name="userName" value="${at.userName}" autocomplete="username" />
        ${field('password', 'Password', { autocomplete: 'current-password', isFocused: true })}
        <div class="actions"><button type="submit">Confirm</button></div>
      </form>`,
  );
}

/** What a test sign-in brought. */
export function testResultPage(
  baseUrl: string,
  at: {
    readonly provider: string;
    readonly verdict: string;
    readonly isGood: boolean;
    readonly facts: readonly (readonly [name: string, value: string])[];
    readonly claims: string | undefined;
  },
): string {
  return page(
    baseUrl,
    'Test sign-in',
    html`${at.isGood ? html`<p role="status"><strong>${at.verdict}</strong></p>` : alert(at.verdict)}
      <p>This was a test with ${at.provider}: nothing was changed, and nobody was signed in to Autoclaim.</p>
      <dl>
        ${at.facts.map(
          ([name, value]) =>
            html`<dt>${name}</dt>
              <dd>${value}</dd>`,
        )}
      </dl>
      ${
        at.claims === undefined
          ? html``
          : html`<h2 id="claims">What came back</h2>
              <pre tabindex="0" role="region" aria-labelledby="claims">${at.claims}</pre>`
      }
      <p class="hint">Close this window when you have seen enough.</p>`,
  );
}
