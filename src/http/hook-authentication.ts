import { createHmac, timingSafeEqual } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import { keepGenerated, matchesSecret } from '../engine/app/secret.ts';
import type { FindHook } from '../engine/hook/find-hook.ts';
import { nameByEntra, nameById, nameBySecret, type Hook } from '../engine/hook/hook.ts';
import type { HookKind } from '../../contract/sign-in-hook.ts';
import { issuerOfToken, type VerifyEntraToken } from '../signin/hooks/entra-token.ts';
import { TEST_PASS_HEADER, type HookTestPasses } from './hook-test-passes.ts';

const GUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const SIGNATURE = /^[0-9a-f]{64}$/i;

/** What is asked of a request to a hook. */
export interface HookRequest {
  readonly kind: HookKind;
  readonly request: FastifyRequest<{ Querystring: { hook?: string } }>;
  readonly body: Buffer;
}

/** Whose hook a request is, and whether it proves so. */
export type Authenticated =
  { readonly hook: Hook; readonly isTest: boolean } | { readonly refusal: string; readonly hook: Hook | undefined };

/**
 * Proves requests as each provider does: Okta and Auth0 by a secret in Authorization, Keycloak by a
 * signature over the body, Entra ID by a token of its own. The hook is the one that the address
 * names (?hook=), else the one of the secret, or of whoever's tokens it takes.
 */
export function createHookAuthentication(
  findHook: FindHook,
  verifyEntraToken: VerifyEntraToken,
  passes: HookTestPasses,
): (asked: HookRequest) => Promise<Authenticated> {
  return async ({ kind, request, body }) => {
    const authorization = request.headers.authorization ?? '';
    const bearer = authorization.replace(/^Bearer +/i, '');
    const pass = request.headers[TEST_PASS_HEADER];
    const hook = await findHook(nameOf(kind, request.query.hook, bearer) ?? '', pass !== undefined);
    if (!hook || hook.kind !== kind)
      return { refusal: 'There is no such hook, or its secret is another.', hook: undefined };
    if (typeof pass === 'string')
      return passes.redeem(pass, hook.hookId) ? { hook, isTest: true } : { refusal: 'The pass is none.', hook };
    const isProven =
      kind === 'entra'
        ? /^Bearer /i.test(authorization) && (await verifyEntraToken(bearer, hook))
        : kind === 'keycloak'
          ? isSigned(body, request.headers['x-keycloak-signature'], hook.hmacKey!)
          : bearer !== '' && (await matchesSecret(bearer, hook.secretHash!));
    return isProven ? { hook, isTest: false } : { refusal: REFUSALS[kind], hook };
  };
}

const REFUSALS: Readonly<Record<HookKind, string>> = {
  entra: 'The token is none of Entra ID for this hook: forged, expired, of another tenant, or for another audience.',
  okta: 'The secret in Authorization is not the one of this hook.',
  auth0: 'The secret in Authorization is not the one of this hook.',
  keycloak: 'X-Keycloak-Signature is not the one of this body under the key of this hook.',
};

function nameOf(kind: HookKind, hookId: string | undefined, bearer: string): string | undefined {
  if (hookId !== undefined) return GUID.test(hookId) ? nameById(hookId) : undefined;
  if (kind === 'okta' || kind === 'auth0') return nameBySecret(keepGenerated(bearer).hash);
  const issuer = kind === 'entra' ? issuerOfToken(bearer) : undefined;
  return issuer && nameByEntra(issuer.tenantId, issuer.audience);
}

function isSigned(body: Buffer, signature: unknown, key: string): boolean {
  if (typeof signature !== 'string' || !SIGNATURE.test(signature)) return false;
  return timingSafeEqual(Buffer.from(signature, 'hex'), createHmac('sha256', key).update(body).digest());
}
