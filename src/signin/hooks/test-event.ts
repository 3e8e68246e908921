import { randomUUID } from 'node:crypto';
import type { Hook } from '../../engine/hook/hook.ts';

/** Whom a test signs in to what, in the provider's words. */
export interface TestSignIn {
  readonly userPrincipalName: string;
  readonly clientId: string;
}

/** An event as the provider would send it, for a test. */
export function testEvent(hook: Hook, { userPrincipalName, clientId }: TestSignIn, now: Date): object {
  const id = randomUUID();
  switch (hook.kind) {
    case 'entra':
      return {
        type: 'microsoft.graph.authenticationEvent.tokenIssuanceStart',
        source: `/tenants/${hook.entraTenantId}/applications/${clientId}`,
        data: {
          '@odata.type': 'microsoft.graph.onTokenIssuanceStartCalloutData',
          tenantId: hook.entraTenantId,
          authenticationContext: {
            correlationId: id,
            protocol: 'OAUTH2.0',
            clientServicePrincipal: { appId: clientId },
            user: { userPrincipalName, userType: 'Member' },
          },
        },
      };
    case 'okta':
      return {
        eventId: id,
        eventTime: now.toISOString(),
        eventType: 'com.okta.oauth2.tokens.transform',
        data: {
          context: {
            protocol: { type: 'OAUTH2.0', client: { id: clientId } },
            user: { profile: { login: userPrincipalName } },
          },
        },
      };
    case 'auth0':
      return { id, time: now.toISOString(), clientId, user: { email: userPrincipalName, email_verified: true } };
    case 'keycloak':
      return { id, time: now.getTime(), type: 'LOGIN', clientId, details: { username: userPrincipalName } };
  }
}
