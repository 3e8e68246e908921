import type { LICENSE_HEADERS } from '../../../contract/forward-auth-headers.ts';
import type { Admitted } from './admissions.ts';

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
