// Beside the schemas, so that the admin center loads these without the schema library.

/** The header in which a proxy names the user, unless another is chosen. */
export const USER_HEADER = 'X-Forwarded-User';

/** What the app is told of who is let in; whatever a browser sends by these names is to be dropped by the proxy. */
export const LICENSE_HEADERS = [
  'X-License-User',
  'X-License-User-Id',
  'X-License-Sku',
  'X-License-Sku-Id',
  'X-License-Service-Plans',
] as const;
