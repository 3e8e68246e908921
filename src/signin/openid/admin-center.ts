import type { ClientMetadata } from 'oidc-provider';

/** The client that every tenant has from the start: our own admin center, a page in a browser. */
export const ADMIN_CENTER = 'autoclaim-admin-center';

export interface AdminCenterAddresses {
  readonly redirect: string;
  readonly postLogout: string;
}

/** Where it is sent back to, to the letter. */
export function adminCenterAddresses(baseUrl: string): AdminCenterAddresses {
  return { redirect: `${baseUrl}/auth/callback`, postLogout: `${baseUrl}/` };
}

/** It has no secret: it proves itself with PKCE, and by where it is sent back to. */
export function adminCenterMetadata(baseUrl: string): ClientMetadata {
  const { redirect, postLogout } = adminCenterAddresses(baseUrl);
  return {
    client_id: ADMIN_CENTER,
    client_name: 'Autoclaim admin center',
    application_type: 'web',
    token_endpoint_auth_method: 'none',
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
    redirect_uris: [redirect],
    post_logout_redirect_uris: [postLogout],
  };
}
