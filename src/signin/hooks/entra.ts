import { namedClaims, textAt, type HookDoor } from './hook-event.ts';

/** Entra ID takes at most 3 KB of claims; a sign-in with more breaks. */
const CLAIMS_BYTES_MAX = 3 * 1024;
/** What the claims are wrapped in counts for us too: nobody knows how Microsoft counts. */
const RESERVED_BYTES = 256;

/** Entra ID's custom claims provider: onTokenIssuanceStart. */
export const ENTRA: HookDoor = {
  kind: 'entra',

  readEvent(body) {
    if (textAt(body, 'type') !== 'microsoft.graph.authenticationEvent.tokenIssuanceStart')
      return { ignored: 'The event is none of the type tokenIssuanceStart.' };
    const context = ['data', 'authenticationContext'];
    const user = [...context, 'user'];
    const eventId = textAt(body, ...context, 'correlationId');
    const clientId = textAt(body, ...context, 'clientServicePrincipal', 'appId');
    const userPrincipalName = textAt(body, ...user, 'userPrincipalName');
    if (!eventId) return { ignored: 'The event has no data.authenticationContext.correlationId.' };
    if (!clientId) return { ignored: 'The event has no data.authenticationContext.clientServicePrincipal.appId.' };
    if (!userPrincipalName) return { ignored: 'The event has no data.authenticationContext.user.userPrincipalName.' };
    return {
      eventId,
      // The token that comes along says how fresh the event is.
      happenedAt: null,
      clientId,
      person: {
        userPrincipalName,
        // The organisation's own directory gives it.
        isNameVerified: true,
        userType: textAt(body, ...user, 'userType') === 'Guest' ? 'Guest' : undefined,
        displayName: textAt(body, ...user, 'displayName'),
        givenName: textAt(body, ...user, 'givenName'),
        surname: textAt(body, ...user, 'surname'),
        mail: textAt(body, ...user, 'mail'),
        usageLocation: textAt(body, ...user, 'usageLocation'),
        country: textAt(body, ...user, 'country'),
        department: textAt(body, ...user, 'department'),
        jobTitle: textAt(body, ...user, 'jobTitle'),
        companyName: textAt(body, ...user, 'companyName'),
        preferredLanguage: textAt(body, ...user, 'preferredLanguage'),
      },
    };
  },

  answer(claims) {
    return {
      status: 200,
      body: {
        data: {
          '@odata.type': 'microsoft.graph.onTokenIssuanceStartResponseData',
          actions: [
            {
              '@odata.type': 'microsoft.graph.tokenIssuanceStart.provideClaimsForToken',
              claims: claims ? fitting(namedClaims(claims)) : {},
            },
          ],
        },
      },
    };
  },
};

/** Service plans are left out from the end until the claims fit; that some are is a claim by itself. */
function fitting(claims: Record<string, string | string[]>): Record<string, string | string[]> {
  const plans = (claims['service_plans'] ?? []) as string[];
  for (let kept = plans.length; ; kept -= 1) {
    const cut =
      kept === plans.length ? claims : { ...claims, service_plans: plans.slice(0, kept), service_plans_cut: 'true' };
    if (kept === 0 || Buffer.byteLength(JSON.stringify(cut)) <= CLAIMS_BYTES_MAX - RESERVED_BYTES) return cut;
  }
}
