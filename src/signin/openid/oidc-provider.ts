// oidc-provider, without its warning of every Node version that isn't an LTS release yet: the
// project pins a version that it was tested with, and the warning would be the first that a
// newcomer reads.
const warn = console.warn;
console.warn = (...text: unknown[]) => {
  if (!String(text[0]).includes('Unsupported runtime')) warn(...text);
};
export const { Provider, errors, interactionPolicy } = await import('oidc-provider');
console.warn = warn;
