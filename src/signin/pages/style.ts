/** The sign-in pages' only style sheet: light and dark as the person's system is, from 320 px on. */
export const SIGN_IN_STYLE = `:root {
  color-scheme: light dark;
  --back: #f5f5f5;
  --card: #ffffff;
  --text: #242424;
  --quiet: #5c5c5c;
  --line: #808080;
  --brand: #0f6cbd;
  --brand-text: #ffffff;
  --brand-hover: #0c3b5e;
  --bad: #b10e1c;
  --bad-back: #fdf3f4;
}
@media (prefers-color-scheme: dark) {
  :root {
    --back: #1f1f1f;
    --card: #292929;
    --text: #ffffff;
    --quiet: #c2c2c2;
    --line: #9e9e9e;
    --brand: #62abf5;
    --brand-text: #0a0a0a;
    --brand-hover: #96c6fa;
    --bad: #f9a8ae;
    --bad-back: #3b0509;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0;
  min-height: 100vh;
  display: grid;
  place-items: center;
  padding: 16px;
  background: var(--back);
  color: var(--text);
  font: 14px/20px 'Segoe UI', system-ui, -apple-system, Roboto, 'Helvetica Neue', sans-serif;
}
main {
  width: 100%;
  max-width: 440px;
  padding: 36px clamp(20px, 8vw, 44px) 40px;
  background: var(--card);
  border-radius: 8px;
  box-shadow: 0 2px 12px rgb(0 0 0 / 18%);
  overflow-wrap: anywhere;
}
.brand { margin: 0 0 16px; font-weight: 600; color: var(--brand); }
h1 { margin: 0 0 16px; font-size: 24px; line-height: 32px; font-weight: 600; }
p { margin: 0 0 16px; }
.alert { padding: 10px 12px; border-left: 4px solid var(--bad); background: var(--bad-back); color: var(--bad); }
.field { margin: 0 0 16px; }
label { display: block; margin: 0 0 4px; font-weight: 600; }
input {
  width: 100%;
  min-height: 40px;
  padding: 8px 10px;
  border: 1px solid var(--line);
  border-radius: 4px;
  background: var(--card);
  color: var(--text);
  font: inherit;
}
.hint { margin: 4px 0 0; color: var(--quiet); }
form + .hint { margin-top: 20px; }
.actions { display: flex; flex-wrap: wrap; gap: 12px; align-items: center; justify-content: flex-end; margin: 24px 0 0; }
button, .button {
  min-height: 40px;
  padding: 9px 24px;
  border: 1px solid transparent;
  border-radius: 4px;
  background: var(--brand);
  color: var(--brand-text);
  font: inherit;
  font-weight: 600;
  text-decoration: none;
  cursor: pointer;
}
button:hover, .button:hover { background: var(--brand-hover); color: var(--card); }
button.secondary { background: var(--card); color: var(--text); border-color: var(--line); }
button.secondary:hover { background: var(--back); color: var(--text); }
h2 { margin: 24px 0 8px; font-size: 16px; line-height: 22px; font-weight: 600; }
.reference { font: 14px/20px ui-monospace, Consolas, monospace; user-select: all; }
.user-code { font: 600 22px/32px ui-monospace, Consolas, monospace; letter-spacing: 2px; }
a { color: var(--brand); }
.providers { list-style: none; margin: 24px 0 0; padding: 24px 0 0; border-top: 1px solid var(--line); display: grid; gap: 12px; }
.button { display: inline-block; text-align: center; }
.button.quiet { display: block; background: var(--card); color: var(--text); border-color: var(--line); }
.button.quiet:hover { background: var(--back); color: var(--text); }
h2 { margin: 0 0 8px; font-size: 16px; line-height: 22px; }
dl { margin: 0 0 16px; }
dt { font-weight: 600; }
dd { margin: 0 0 8px; }
pre { margin: 0 0 16px; padding: 12px; max-height: 320px; overflow: auto; background: var(--back); font-size: 12px; line-height: 16px; }
.providers + .hint { margin-top: 20px; }
:focus-visible { outline: 2px solid var(--text); outline-offset: 2px; }
@media (forced-colors: active) { button, .button { border-color: ButtonText; } }
`;
