import type { ClientMetadata } from 'oidc-provider';
import { ADMIN_CENTER, adminCenterMetadata } from './admin-center.ts';
import { FORWARD_AUTH, forwardAuthMetadata } from './forward-auth-client.ts';

/** The client that every tenant has for the command line: people sign in to it by a device code (RFC 8628). */
export const COMMAND_LINE = 'autoclaim-cli';

/** A client that every tenant has from the start; undefined for all others, which are apps. */
export function ownClientMetadata(clientId: string, baseUrl: string, tenantId: string): ClientMetadata | undefined {
  switch (clientId) {
    case ADMIN_CENTER:
      return adminCenterMetadata(baseUrl);
    case FORWARD_AUTH:
      return forwardAuthMetadata(baseUrl, tenantId);
    case COMMAND_LINE:
      return commandLineMetadata();
    default:
      return undefined;
  }
}

/** Whether people use this API by a client, in their own name. What it gets lasts as long as their session. */
export function isForThisApi({ clientId }: { readonly clientId?: string | undefined }): boolean {
  return clientId === ADMIN_CENTER || clientId === COMMAND_LINE;
}

/** It has no secret and no address: whoever types its code in a browser says that it is theirs. */
function commandLineMetadata(): ClientMetadata {
  return {
    client_id: COMMAND_LINE,
    client_name: 'Autoclaim CLI',
    application_type: 'native',
    token_endpoint_auth_method: 'none',
    grant_types: ['urn:ietf:params:oauth:grant-type:device_code', 'refresh_token'],
    response_types: [],
    redirect_uris: [],
  };
}
