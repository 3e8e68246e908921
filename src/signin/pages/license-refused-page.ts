import { html, page } from './page.ts';

/** What a person who was refused may go on with: the same once more, as somebody else, back to the app. */
export type WayOn = 'again' | 'otherAccount' | 'back';

/** What a person is told who an app doesn't let in for want of a license. */
export function licenseRefusedPage(
  baseUrl: string,
  at: {
    readonly action: string;
    readonly appName: string;
    /** The sentence of the decision, for the person. */
    readonly message: string;
    readonly userPrincipalName: string;
    /** The sign-in's id: an administrator finds it by that. */
    readonly reference: string;
    readonly ways: readonly WayOn[];
  },
): string {
  const { action, appName, message, userPrincipalName, reference, ways } = at;
  const labels: Record<WayOn, string> = {
    again: 'Try again',
    otherAccount: 'Use another account',
    back: `Back to ${appName}`,
  };
  return page(
    baseUrl,
    `${appName} isn’t open to you yet`,
    html`<p class="alert" role="alert">${message}</p>
      <p>You are signed in as <strong>${userPrincipalName}</strong>.</p>
      <h2>What happens now</h2>
      <p>
        Your administrator has been told: the admin center shows who waits for what. You have nothing to fill in. Try
        again later; as soon as there is a license for you, you get it by signing in.
      </p>
      <p>If it is urgent, write to your administrator and give this reference number:</p>
      <p><code class="reference">${reference}</code></p>
      <form method="post" action="${action}">
        <div class="actions">
          ${ways.map((way, index) =>
            index === 0
              ? html`<button type="submit" name="next" value="${way}">${labels[way]}</button>`
              : html`<button type="submit" name="next" value="${way}" class="secondary">${labels[way]}</button>`,
          )}
        </div>
      </form>`,
  );
}
