/** Where the user of a one-time link sets their password. */
export function setUpAddress(baseUrl: string, tenantId: string, token: string): string {
  return `${baseUrl}/${tenantId}/set-up/${token}`;
}

/** The page that tells why an app doesn't let a person in. */
export function refusedAddress(baseUrl: string, tenantId: string, interactionId: string): string {
  return `${baseUrl}/${tenantId}/refused/${interactionId}`;
}

/** The page of an interaction: a sign-in that an app has asked for. */
export function signInAddress(baseUrl: string, tenantId: string, interactionId: string): string {
  return `${baseUrl}/${tenantId}/sign-in/${interactionId}`;
}

/** What every identity provider of a tenant is to send people back to. */
export function callbackAddress(baseUrl: string, tenantId: string): string {
  return `${baseUrl}/${tenantId}/federation/callback`;
}

/** Where a sign-in by an identity provider begins. */
export function providerAddress(baseUrl: string, tenantId: string, interactionId: string, providerId: string): string {
  return `${signInAddress(baseUrl, tenantId, interactionId)}/with/${providerId}`;
}

/** Where a test sign-in begins. */
export function testSignInAddress(baseUrl: string, tenantId: string, ticket: string): string {
  return `${baseUrl}/${tenantId}/federation/test/${ticket}`;
}
