import { namedClaims, principalName, textAt, type HookDoor } from './hook-event.ts';

/** Okta's token inline hook. It fails open: without an answer, tokens are as they would be. */
export const OKTA: HookDoor = {
  kind: 'okta',

  readEvent(body, hook) {
    if (textAt(body, 'eventType') !== 'com.okta.oauth2.tokens.transform')
      return { ignored: 'The event is none of the type com.okta.oauth2.tokens.transform.' };
    const context = ['data', 'context'];
    const profile = [...context, 'user', 'profile'];
    const eventId = textAt(body, 'eventId');
    const clientId = textAt(body, ...context, 'protocol', 'client', 'id');
    const login = textAt(body, ...profile, 'login');
    if (!eventId) return { ignored: 'The event has no eventId.' };
    if (!clientId) return { ignored: 'The event has no data.context.protocol.client.id.' };
    // Of a client that acts for itself.
    if (!login) return { ignored: 'The event has no data.context.user.profile.login.' };
    const names = [textAt(body, ...profile, 'firstName'), textAt(body, ...profile, 'lastName')];
    return {
      eventId,
      happenedAt: new Date(textAt(body, 'eventTime') ?? NaN),
      clientId,
      person: {
        userPrincipalName: principalName(login, hook),
        // The organisation's own directory gives it.
        isNameVerified: true,
        displayName: names.filter(Boolean).join(' '),
        givenName: names[0],
        surname: names[1],
        preferredLanguage: textAt(body, ...profile, 'locale'),
      },
    };
  },

  answer(claims) {
    if (!claims) return { status: 200, body: { commands: [] } };
    const value = Object.entries(namedClaims(claims)).map(([name, claim]) => ({
      op: 'add',
      path: `/claims/${name}`,
      value: claim,
    }));
    return {
      status: 200,
      body: {
        commands: [
          { type: 'com.okta.identity.patch', value },
          { type: 'com.okta.access.patch', value },
        ],
      },
    };
  },
};
