import { at, namedClaims, principalName, textAt, type HookDoor } from './hook-event.ts';

/**
 * Auth0's post-login action. The action is the tenant's own program, so the wire between is ours
 * (docs/hooks.md): {"id","time","clientId","user":{"email","email_verified","name",…}}.
 */
export const AUTH0: HookDoor = {
  kind: 'auth0',

  readEvent(body, hook) {
    const eventId = textAt(body, 'id');
    const clientId = textAt(body, 'clientId');
    const name = textAt(body, 'user', 'email') ?? textAt(body, 'user', 'username');
    if (!eventId) return { ignored: 'The event has no id.' };
    if (!clientId) return { ignored: 'The event has no clientId.' };
    if (!name) return { ignored: 'The event has neither user.email nor user.username.' };
    return {
      eventId,
      happenedAt: new Date(textAt(body, 'time') ?? NaN),
      clientId,
      person: {
        userPrincipalName: principalName(name, hook),
        // Anyone may sign up with an address that is another's, until it is verified.
        isNameVerified: at(body, 'user', 'email_verified') === true,
        displayName: textAt(body, 'user', 'name'),
        givenName: textAt(body, 'user', 'given_name'),
        surname: textAt(body, 'user', 'family_name'),
        mail: textAt(body, 'user', 'email'),
        preferredLanguage: textAt(body, 'user', 'locale'),
      },
    };
  },

  answer(claims, decided) {
    return {
      status: 200,
      body: {
        outcome: decided?.outcome ?? null,
        reason: decided?.reason ?? null,
        message: decided?.message ?? null,
        claims: claims ? namedClaims(claims) : {},
      },
    };
  },
};
