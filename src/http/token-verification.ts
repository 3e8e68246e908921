import type { KeyObject } from 'node:crypto';
import { decodeJwt, decodeProtectedHeader, errors, jwtVerify, type JWTPayload } from 'jose';
import { LRUCache } from 'lru-cache';
import type { KeyRing } from '../signin/openid/key-ring.ts';
import { DELEGATED } from '../signin/openid/people.ts';
import { issuerOf } from '../signin/openid/token.ts';

/** What an app's access token says, verified; tid is the tenant. */
export interface AppClaims {
  readonly kind: 'app';
  readonly tid: string;
  readonly appid: string;
  readonly client_id: string;
  readonly roles: readonly string[];
}

/** What a person's says: who (oid), and in which session. */
export interface PersonClaims {
  readonly kind: 'person';
  readonly tid: string;
  readonly oid: string;
  readonly sid: string;
  readonly client_id: string;
}

export type TokenClaims = AppClaims | PersonClaims;

interface VerifiedToken {
  readonly claims: TokenClaims;
  readonly keyId: string;
  readonly key: KeyObject;
  readonly expiresAt: number;
}

const GUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
/** A token has some 1 to 4 KB, and a client one at a time. */
const VERIFIED_MAX = 5_000;

/**
 * Verifies access tokens: signed with RS256 by one of the very tenant's own keys that it claims to
 * be of, of the type at+jwt (an ID token isn't one), with that tenant's issuer, for this API, not
 * expired. undefined for all others.
 *
 * A client sends the same token for an hour, and a signature takes longer to check than all else
 * about a sign-in's request. So a token that was verified is known by its very characters, as long
 * as it hasn't expired and the key that it was verified with is still that tenant's.
 */
export function createTokenVerification(
  baseUrl: string,
  keyRing: Pick<KeyRing, 'verificationKey'>,
): (token: string) => Promise<TokenClaims | undefined> {
  const verified = new LRUCache<string, VerifiedToken>({ max: VERIFIED_MAX });

  return async (token) => {
    const known = verified.get(token);
    if (known && Date.now() < known.expiresAt) {
      if ((await keyRing.verificationKey(known.claims.tid, known.keyId)) === known.key) return known.claims;
    }
    const found = await verify(token, baseUrl, keyRing);
    if (found) verified.set(token, found);
    else verified.delete(token);
    return found?.claims;
  };
}

async function verify(
  token: string,
  baseUrl: string,
  keyRing: Pick<KeyRing, 'verificationKey'>,
): Promise<VerifiedToken | undefined> {
  let tenantId: string;
  let keyId: string;
  try {
    // Which tenant's keys to check with is the one thing that is taken from it unchecked: a token
    // that names another tenant than the one that signed it fails on that tenant's keys.
    const { alg, kid } = decodeProtectedHeader(token);
    const { tid } = decodeJwt(token);
    if (alg !== 'RS256' || typeof kid !== 'string' || typeof tid !== 'string' || !GUID.test(tid)) return undefined;
    [tenantId, keyId] = [tid, kid];
  } catch {
    return undefined;
  }
  const key = await keyRing.verificationKey(tenantId, keyId);
  if (!key) return undefined;
  try {
    const { payload } = await jwtVerify(token, key, {
      algorithms: ['RS256'],
      typ: 'at+jwt',
      issuer: issuerOf(baseUrl, tenantId),
      audience: baseUrl,
      requiredClaims: ['exp', 'iat'],
    });
    const claims = claimsOf(payload);
    return claims && { claims, keyId, key, expiresAt: payload.exp! * 1_000 };
  } catch (error) {
    if (error instanceof errors.JOSEError) return undefined;
    throw error;
  }
}

function claimsOf({ tid, appid, client_id, roles, idtyp, oid, sid, scp }: JWTPayload): TokenClaims | undefined {
  if (idtyp === 'user') {
    const isWhole = [tid, client_id, sid].every((claim) => typeof claim === 'string') && scp === DELEGATED;
    if (!isWhole || typeof oid !== 'string' || !GUID.test(oid)) return undefined;
    return { kind: 'person', tid, oid, sid, client_id } as PersonClaims;
  }
  const areTexts = [tid, appid, client_id].every((claim) => typeof claim === 'string');
  if (!areTexts || !Array.isArray(roles)) return undefined;
  return { kind: 'app', tid, appid, client_id, roles } as AppClaims;
}
