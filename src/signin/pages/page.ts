/** A piece of a page: text that is HTML already. */
export interface Html {
  readonly html: string;
}

/** HTML from a template: whatever is put into it is escaped, unless it is a piece of HTML itself. */
export function html(
  parts: TemplateStringsArray,
  ...values: readonly (string | number | Html | readonly Html[])[]
): Html {
  const put = (value: (typeof values)[number]): string => {
    if (typeof value === 'string' || typeof value === 'number') return escape(String(value));
    return 'html' in value ? value.html : value.map(put).join('');
  };
  return { html: parts.reduce((text, part, index) => text + put(values[index - 1]!) + part) };
}

/** HTML that was escaped by whoever made it. */
export function trusted(text: string): Html {
  return { html: text };
}

const ESCAPES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

function escape(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => ESCAPES[character]!);
}

/** A whole page: one card in the middle, without a script, so that it works in every browser. */
export function page(baseUrl: string, title: string, content: Html): string {
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta name="robots" content="noindex" />
        <title>${title} – Autoclaim</title>
        <link rel="icon" href="data:," />
        <link rel="stylesheet" href="${baseUrl}/sign-in.css" />
      </head>
      <body>
        <main>
          <p class="brand">Autoclaim</p>
          <h1>${title}</h1>
          ${content}
        </main>
      </body>
    </html> `.html;
}

/** What went wrong, read out by screen readers as the page comes. */
export function alert(message: string | undefined): Html {
  return message === undefined ? html`` : html`<p class="alert" role="alert">${message}</p>`;
}

/** A field with its label; password managers know it by its autocomplete. */
export function field(
  name: string,
  label: string,
  more: {
    readonly type?: 'text' | 'password';
    readonly value?: string | undefined;
    readonly autocomplete: string;
    readonly hint?: string;
    readonly isFocused?: boolean;
  },
): Html {
  const { type = 'password', value = '', autocomplete, hint, isFocused = false } = more;
  return html`<div class="field">
    <label for="${name}">${label}</label>
    <input
      id="${name}"
      name="${name}"
      type="${type}"
      value="${value}"
      autocomplete="${autocomplete}"
      autocapitalize="none"
      spellcheck="false"
      maxlength="256"
      required
      ${trusted(hint ? `aria-describedby="${name}-hint"` : '')}
      ${trusted(isFocused ? 'autofocus' : '')}
    />
    ${hint ? html`<p class="hint" id="${name}-hint">${hint}</p>` : html``}
  </div>`;
}
