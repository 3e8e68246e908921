import { createHmac, randomUUID } from 'node:crypto';
import type { HookKind } from '../../contract/sign-in-hook.ts';
import type { Answer } from './server.ts';
import type { World } from './world.ts';

/** A hook as a provider has it configured. */
export interface ConfiguredHook {
  readonly id: string;
  readonly kind: HookKind;
  readonly secretText: string;
}

export const HOOK_PATHS: Readonly<Record<HookKind, string>> = {
  entra: '/hooks/entra/token-issuance-start',
  okta: '/hooks/okta/token',
  auth0: '/hooks/auth0/post-login',
  keycloak: '/hooks/keycloak/event',
};

export async function addHook(world: World, kind: HookKind, more: object = {}): Promise<ConfiguredHook> {
  const { id, secretText } = await world.post('/admin/signInHooks', {
    kind,
    displayName: `A hook of ${kind}`,
    ...more,
  });
  return { id, kind, secretText };
}

/** An event of a sign-in in the words of Okta, Auth0 or Keycloak. */
export function eventOf(
  kind: 'okta' | 'auth0' | 'keycloak',
  { name, clientId, id = randomUUID(), at = new Date() }: { name: string; clientId: string; id?: string; at?: Date },
): object {
  if (kind === 'auth0')
    return { id, time: at.toISOString(), clientId, user: { email: name, email_verified: true, name: 'Newcomer' } };
  if (kind === 'keycloak')
    return {
      id,
      time: at.getTime(),
      type: 'LOGIN',
      realmName: 'r',
      clientId,
      userId: 'u',
      details: { username: name },
    };
  return {
    eventId: id,
    eventTime: at.toISOString(),
    eventType: 'com.okta.oauth2.tokens.transform',
    data: { context: { protocol: { client: { id: clientId } }, user: { profile: { login: name } } } },
  };
}

/** Sends an event as its provider does; a hook with another secret sends it as a stranger would. */
export function deliver(
  { server }: World,
  hook: ConfiguredHook,
  event: object | string,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  const body = typeof event === 'string' ? event : JSON.stringify(event);
  const proof: Record<string, string> =
    hook.kind === 'keycloak'
      ? { 'x-keycloak-signature': createHmac('sha256', hook.secretText).update(body).digest('hex') }
      : hook.kind === 'entra'
        ? {}
        : { authorization: hook.kind === 'auth0' ? `Bearer ${hook.secretText}` : hook.secretText };
  return server.request('POST', `${HOOK_PATHS[hook.kind]}?hook=${hook.id}`, {
    token: null,
    body,
    headers: { 'content-type': 'application/json', ...proof, ...headers },
  });
}
