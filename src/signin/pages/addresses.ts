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
