import { at, principalName, textAt, type HookDoor } from './hook-event.ts';

/** A sign-in as Keycloak's event has it, and as the webhook sender of the same extension names it. */
const LOGIN = ['LOGIN', 'access.LOGIN'];

/**
 * Keycloak's events, as the HTTP sender of p2-inc/keycloak-events sends them. They notify: what is
 * answered is for the log of Keycloak alone.
 */
export const KEYCLOAK: HookDoor = {
  kind: 'keycloak',

  readEvent(body, hook) {
    if (!LOGIN.includes(textAt(body, 'type') ?? '')) return { ignored: 'The event is none of the type LOGIN.' };
    const eventId = textAt(body, 'id') ?? textAt(body, 'uid');
    const clientId = textAt(body, 'clientId') ?? textAt(body, 'authDetails', 'clientId');
    const username = textAt(body, 'details', 'username') ?? textAt(body, 'authDetails', 'username');
    if (!eventId) return { ignored: 'The event has no id.' };
    if (!clientId) return { ignored: 'The event has no clientId.' };
    if (!username) return { ignored: 'The event has no details.username.' };
    const time = at(body, 'time');
    return {
      eventId,
      happenedAt: new Date(typeof time === 'number' ? time : NaN),
      clientId,
      person: { userPrincipalName: principalName(username, hook), isNameVerified: true },
    };
  },

  answer(_claims, decided) {
    return { status: 200, body: { outcome: decided?.outcome ?? null, reason: decided?.reason ?? null } };
  },
};
