import { alert, field, html, page } from './page.ts';

const NEW_PASSWORD_HINT = '8 to 256 characters. A few words that only you would put together are hard to guess.';

/** Who are you? With the name that was typed before, where something went wrong. */
export function signInPage(
  baseUrl: string,
  at: { readonly action: string; readonly userName?: string | undefined; readonly problem?: string | undefined },
): string {
  const { action, userName, problem } = at;
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
          isFocused: !userName,
        })}
        ${field('password', 'Password', { autocomplete: 'current-password', isFocused: Boolean(userName) })}
        <div class="actions"><button type="submit">Sign in</button></div>
      </form>
      <p class="hint">
        Forgot the password? A Global Administrator or User Administrator can give you a link to set a new one.
      </p>`,
  );
}

/** Which organisation is it, where there are several: the name's domain tells. */
export function userNamePage(
  baseUrl: string,
  at: {
    readonly action: string;
    /** The rest of the app's request, sent along. */
    readonly parameters: Readonly<Record<string, string>>;
    readonly userName?: string | undefined;
    readonly problem?: string | undefined;
  },
): string {
  const hidden = Object.entries(at.parameters).map(
    ([name, value]) => html`<input type="hidden" name="${name}" value="${value}" />`,
  );
  return page(
    baseUrl,
    'Sign in',
    html`${alert(at.problem)}
      <form method="get" action="${at.action}">
        ${hidden}
        ${field('login_hint', 'User name', {
          type: 'text',
          value: at.userName,
          autocomplete: 'username',
          hint: 'Such as name@contoso.example: what stands behind the @ tells your organisation.',
          isFocused: true,
        })}
        <div class="actions"><button type="submit">Next</button></div>
      </form>`,
  );
}

/** The password was right, and must be another from now on. */
export function changePasswordPage(
  baseUrl: string,
  at: { readonly action: string; readonly userName: string; readonly problem?: string | undefined },
): string {
  return page(
    baseUrl,
    'Change your password',
    html`${alert(at.problem)}
      <p>You have to change your password before you go on as <strong>${at.userName}</strong>.</p>
      <form method="post" action="${at.action}">
        <input type="hidden" name="userName" value="${at.userName}" autocomplete="username" />
        ${field('password', 'Current password', { autocomplete: 'current-password', isFocused: true })}
        ${field('newPassword', 'New password', { autocomplete: 'new-password', hint: NEW_PASSWORD_HINT })}
        ${field('confirmation', 'New password, again', { autocomplete: 'new-password' })}
        <div class="actions"><button type="submit">Change password</button></div>
      </form>`,
  );
}

/** A one-time link was opened. */
export function setUpPage(
  baseUrl: string,
  at: { readonly action: string; readonly userName: string; readonly problem?: string | undefined },
): string {
  return page(
    baseUrl,
    'Set your password',
    html`${alert(at.problem)}
      <p>You will sign in as <strong>${at.userName}</strong>.</p>
      <form method="post" action="${at.action}">
        <input type="hidden" name="userName" value="${at.userName}" autocomplete="username" />
        ${field('newPassword', 'New password', {
          autocomplete: 'new-password',
          hint: NEW_PASSWORD_HINT,
          isFocused: true,
        })}
        ${field('confirmation', 'New password, again', { autocomplete: 'new-password' })}
        <div class="actions"><button type="submit">Set password</button></div>
      </form>`,
  );
}
