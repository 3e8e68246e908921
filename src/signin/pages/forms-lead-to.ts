/**
 * A content security policy by which the page's forms may lead to an address of another site, too:
 * browsers hold a form to its policy through every redirect that follows (CSP 3, form-action). What is
 * no address changes nothing.
 */
export function letFormsLeadTo(policy: string, address: string): string {
  if (!URL.canParse(address)) return policy;
  const { protocol, host } = new URL(address);
  // A policy can't name an IPv6 address, nor the host of a program's own scheme.
  const source = /^https?:$/.test(protocol) && !host.startsWith('[') ? `${protocol}//${host}` : protocol;
  return policy.replace("form-action 'self'", `form-action 'self' ${source}`);
}
