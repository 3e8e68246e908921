import { createRemoteJWKSet, customFetch, decodeJwt, errors, jwtVerify } from 'jose';
import type { EntraCloud } from '../../../contract/sign-in-hook.ts';
import type { Hook } from '../../engine/hook/hook.ts';

/** The app of Microsoft's by which Entra ID calls custom extensions. */
const CALLER = '99045fe1-7639-4a75-9d4a-577b6ca3810f';
const CLOUDS: Readonly<Record<EntraCloud, string>> = {
  global: 'https://login.microsoftonline.com',
  usGovernment: 'https://login.microsoftonline.us',
  china: 'https://login.partner.microsoftonline.cn',
};
/** Keys are asked for again after so long, and for a key that isn't there, at most so often. */
const KEYS_KEPT_MS = 10 * 60_000;
const ASKED_EACH_MS = 10_000;
const ASKED_FOR_MS = 5_000;
const CLOCK_SKEW_SECONDS = 60;
const KEY_SETS_MAX = 100;

/** Microsoft's keys can't be had now: nothing can be said of a token. */
export class KeysUnavailable extends Error {
  override readonly name = 'KeysUnavailable';
}

/** Whether a token is one of Entra ID's for a hook. @throws KeysUnavailable */
export type VerifyEntraToken = (token: string, hook: Hook) => Promise<boolean>;

/**
 * Checks the tokens with which Entra ID calls, against the keys that it publishes. Whose keys: of
 * Microsoft's clouds alone, so no setting of a tenant makes the server call an address of its choice.
 * @param authority stands in for the global cloud: of whoever runs the server
 */
export function createVerifyEntraToken(authority?: string, askedEachMs = ASKED_EACH_MS): VerifyEntraToken {
  const keySets = new Map<string, ReturnType<typeof createRemoteJWKSet>>();
  const keysOf = (address: string) => {
    let keys = keySets.get(address);
    if (!keys) {
      if (keySets.size >= KEY_SETS_MAX) keySets.clear();
      keys = createRemoteJWKSet(new URL(address), {
        cacheMaxAge: KEYS_KEPT_MS,
        cooldownDuration: askedEachMs,
        timeoutDuration: ASKED_FOR_MS,
        // Keys come from the address itself, or not at all.
        [customFetch]: (url, options) => fetch(url, { ...options, redirect: 'error' }),
      });
      keySets.set(address, keys);
    }
    return keys;
  };
  return async (token, { entraTenantId, entraAudience, entraCloud }) => {
    const cloud = entraCloud ?? 'global';
    const base = `${cloud === 'global' ? (authority ?? CLOUDS.global) : CLOUDS[cloud]}/${entraTenantId}`;
    try {
      const { payload } = await jwtVerify(token, keysOf(`${base}/discovery/v2.0/keys`), {
        algorithms: ['RS256'],
        issuer: `${base}/v2.0`,
        audience: entraAudience!,
        requiredClaims: ['exp'],
        clockTolerance: CLOCK_SKEW_SECONDS,
      });
      // azp in tokens of version 2, appid in those of version 1.
      const callers = [payload['azp'], payload['appid']].filter((caller) => caller !== undefined);
      return callers.length > 0 && callers.every((caller) => caller === CALLER);
    } catch (error) {
      if (isAboutToken(error)) return false;
      throw new KeysUnavailable("The keys of the token's issuer can't be had.", { cause: error });
    }
  };
}

/** Whose token it says it is, unchecked: to find the hook that is to check it. */
export function issuerOfToken(token: string): { tenantId: string; audience: string } | undefined {
  try {
    const { iss, aud } = decodeJwt(token);
    const tenantId = /\/([0-9a-f-]{36})\/v2\.0$/.exec(iss ?? '')?.[1];
    return tenantId !== undefined && typeof aud === 'string' ? { tenantId, audience: aud } : undefined;
  } catch {
    return undefined;
  }
}

function isAboutToken(error: unknown): boolean {
  return (
    error instanceof errors.JWTInvalid ||
    error instanceof errors.JWSInvalid ||
    error instanceof errors.JWTExpired ||
    error instanceof errors.JWTClaimValidationFailed ||
    error instanceof errors.JWSSignatureVerificationFailed ||
    error instanceof errors.JOSEAlgNotAllowed ||
    error instanceof errors.JOSENotSupported ||
    error instanceof errors.JWKSNoMatchingKey ||
    error instanceof errors.JWKSMultipleMatchingKeys
  );
}
