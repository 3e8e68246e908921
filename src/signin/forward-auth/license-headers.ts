import type { Admitted } from './admissions.ts';

/** What the proxy hands on to the app; whatever a browser sends by these names is to be dropped by it. */
export const LICENSE_HEADERS = [
  'X-License-User',
  'X-License-User-Id',
  'X-License-Sku',
  'X-License-Sku-Id',
  'X-License-Service-Plans',
] as const;

/**
 * Who is let in, and by which license. All of them always, so that a proxy which replaces headers by those of
 * the answer replaces a forged one too: without a license the last three are empty.
 */
export function licenseHeaders({ user, entitlement }: Admitted): Record<(typeof LICENSE_HEADERS)[number], string> {
  return {
    'X-License-User': headerText(user.userPrincipalName),
    'X-License-User-Id': user.userId,
    'X-License-Sku': headerText(entitlement?.skuPartNumber ?? ''),
    'X-License-Sku-Id': entitlement?.skuId ?? '',
    'X-License-Service-Plans': (entitlement?.servicePlans ?? []).map(headerText).join(','),
  };
}

/** Visible ASCII without a comma; all else percent-encoded, as in an address (UTF-8). */
export function headerText(text: string): string {
  return text.toWellFormed().replaceAll(/[^\x21-\x7e]|[%,]/gu, (character) => encodeURIComponent(character));
}
