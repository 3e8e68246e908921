import { alert, field, html, page } from './page.ts';

/** A form of a device's sign-in, with the secret that ties it to this browser. */
interface DeviceForm {
  readonly action: string;
  readonly secret: string;
}

/** What code does the program show? */
export function deviceCodePage(
  baseUrl: string,
  at: DeviceForm & { readonly userCode?: string | undefined; readonly problem?: string | undefined },
): string {
  return page(
    baseUrl,
    'Sign in to a program',
    html`${alert(at.problem)}
      <form method="post" action="${at.action}">
        <input type="hidden" name="xsrf" value="${at.secret}" />
        ${field('user_code', 'Code', {
          type: 'text',
          value: at.userCode,
          autocomplete: 'off',
          hint: 'The program that you sign in to shows it, such as BCDF-GHJK.',
          isFocused: true,
        })}
        <div class="actions"><button type="submit">Next</button></div>
      </form>
      <p class="hint">
        Did somebody send you a code? Then close this page: whoever has sent it would act in your name.
      </p>`,
  );
}

/** The last question: who goes on here lets the program act in their name. */
export function confirmDevicePage(
  baseUrl: string,
  at: DeviceForm & {
    readonly userCode: string;
    readonly program: string;
    /** Who is signed in in this browser; undefined where somebody still has to sign in. */
    readonly userName: string | undefined;
  },
): string {
  const { action, secret, userCode, program, userName } = at;
  return page(
    baseUrl,
    `Sign in to ${program}?`,
    html`<p>Go on only if you began this yourself just now, and the program shows this very code:</p>
      <p><code class="user-code">${userCode}</code></p>
      ${
        userName === undefined
          ? html`<p>You sign in next. The program can then do what you may do here.</p>`
          : html`<p>The program can then do what <strong>${userName}</strong> may do here, who is signed in.</p>`
      }
      <form method="post" action="${action}">
        <input type="hidden" name="xsrf" value="${secret}" />
        <input type="hidden" name="user_code" value="${userCode}" />
        <div class="actions">
          <button type="submit" name="abort" value="yes" class="secondary">Cancel</button>
          <button type="submit" name="confirm" value="yes">Continue</button>
        </div>
      </form>`,
  );
}

/** The program has what it waited for. */
export function deviceSignedInPage(baseUrl: string, program: string): string {
  return page(
    baseUrl,
    'You are signed in',
    html`<p>Go back to ${program}, which goes on by itself. You can close this page.</p>
      <p class="hint">
        It stays signed in for as long as this browser: 12 hours at most, and until you sign out here.
      </p>`,
  );
}
