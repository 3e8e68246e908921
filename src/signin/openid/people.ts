import type {
  AccountClaims,
  Client as ProviderClient,
  Configuration,
  FindAccount,
  KoaContextWithOIDC,
} from 'oidc-provider';
import type { Entitlement } from '../../engine/claim/decision.ts';
import { readProfile, type Person, type Profile } from '../../engine/directory/person.ts';
import { errorPage } from '../pages/message-pages.ts';
import { refusedAddress, signInAddress } from '../pages/addresses.ts';
import { decideAppSignIn, entitlementOf, isLetIn, licenseClaims, type AppSignIns } from './app-sign-in.ts';
import { ownViewOf } from './client-metadata.ts';
import { LICENSE_PROMPT, signInPolicy } from './license-prompt.ts';
import { DEVICE_CODE_SECONDS } from './device-sign-in.ts';
import { errors } from './oidc-provider.ts';
import { isForThisApi } from './own-clients.ts';

/** What an app is let do for a person: whatever they may do themselves. */
export const DELEGATED = 'user_impersonation';

/** How long a person stays signed in without coming back; what they hold ends with the session. */
const SESSION_SECONDS = 12 * 3600;
/**
 * What an app holds without a session (offline_access): as long as it is used at least that often, and
 * at most so long in all. A page in a browser gets a day, as at Microsoft.
 */
const OFFLINE_SECONDS = { unused: 14 * 86_400, inAll: 90 * 86_400, spa: 86_400 };
const CODE_SECONDS = 60;
/** How long a sign-in page may stand open. */
const INTERACTION_SECONDS = 3600;
const ID_TOKEN_SECONDS = 3600;

type PeoplesConfiguration = Pick<
  Configuration,
  | 'allowOmittingSingleRegisteredRedirectUri'
  | 'claims'
  | 'conformIdTokenClaims'
  | 'cookies'
  | 'expiresWithSession'
  | 'findAccount'
  | 'interactions'
  | 'issueRefreshToken'
  | 'loadExistingGrant'
  | 'pkce'
  | 'renderError'
  | 'rotateRefreshToken'
>;

/** The part of a tenant's OpenID Provider that is for people: how they sign in, and what is told of them. */
export function peoplesConfiguration(signIns: AppSignIns, baseUrl: string): PeoplesConfiguration {
  const { tenantId } = signIns;
  return {
    findAccount: findAccountOf(signIns),
    claims: {
      openid: ['sub', 'oid', 'tid', 'licenses', 'service_plans'],
      profile: ['name', 'preferred_username', 'given_name', 'family_name'],
      email: ['email'],
    },
    // Into the ID token too, as Microsoft's: who reads it needs no second request.
    conformIdTokenClaims: false,
    // Ids of 256 random bits each: a signature beside them would make none harder to guess.
    cookies: {
      names: {
        session: `autoclaim_session_${tenantId}`,
        interaction: `autoclaim_interaction_${tenantId}`,
        resume: `autoclaim_resume_${tenantId}`,
      },
      long: { httpOnly: true, sameSite: 'lax', path: new URL(`${baseUrl}/`).pathname },
      short: { httpOnly: true, sameSite: 'lax' },
    },
    // Whoever has no secret has nothing else to prove that the code was theirs.
    pkce: { required: (_ctx, client) => client.clientAuthMethod === 'none' },
    allowOmittingSingleRegisteredRedirectUri: false,
    expiresWithSession: async (ctx, source) => {
      if (source.kind === 'DeviceCode') await keepSession(ctx);
      return !isOffline(source) || isForThisApi(source);
    },
    rotateRefreshToken: true,
    issueRefreshToken: async (_ctx, client, source) =>
      client.grantTypeAllowed('refresh_token') && (isForThisApi(client) || isOffline(source)),
    interactions: {
      policy: signInPolicy(signIns),
      url: (_ctx, { prompt, uid }) =>
        prompt.name === LICENSE_PROMPT ? refusedAddress(baseUrl, tenantId, uid) : signInAddress(baseUrl, tenantId, uid),
    },
    loadExistingGrant: (ctx) => grantOf(ctx, baseUrl),
    renderError(ctx, out) {
      ctx.type = 'text/html; charset=utf-8';
      ctx.body = errorPage(baseUrl, out.error_description ?? out.error);
    },
  };
}

/**
 * Keeps the session before what is to end with it. Else a device that asks in the moment between the two, which the
 * provider writes in the other order, is told that the session is over, and its code is spent.
 */
async function keepSession({ oidc: { session } }: KoaContextWithOIDC): Promise<void> {
  await session?.save(PEOPLES_TTL.Session);
}

/**
 * The account of a request. For an app's tokens it comes with the license of this moment; a refresh
 * token is a sign-in, which is decided again. Whoever has no license any more is refused both, unless
 * the app lets them go on.
 */
function findAccountOf(signIns: AppSignIns): FindAccount {
  const { db, tenantId } = signIns;
  return async ({ oidc }, accountId, token) => {
    const profile = await readProfile(db, tenantId, accountId);
    const app = ownViewOf(oidc.client);
    if (!profile || !app) return profile && { accountId, claims: () => claimsOf(profile, tenantId) };
    const grantType = oidc.params?.['grant_type'];
    const isTokenRequest = grantType === 'authorization_code' || grantType === 'refresh_token';
    // What was found of this moment is what its tokens say: it isn't read twice.
    let found: Entitlement | undefined;
    // One that was used before is an alarm (RFC 9700, 4.14), and no sign-in.
    if (grantType === 'refresh_token' && token && !('consumed' in token && token.consumed)) {
      const decided = await decideAppSignIn(signIns, app, accountId, null);
      if (decided && !isLetIn(app, decided.entitlement)) throw noLicense(`Reference: ${decided.signInId}`);
      found = decided?.entitlement ?? undefined;
    }
    if (grantType === 'authorization_code') {
      found = await entitlementOf(signIns, app, accountId);
      if (!isLetIn(app, found)) throw noLicense('It was taken away just now.');
    }
    const claims = async () => ({
      ...claimsOf(profile, tenantId),
      ...profileClaims(profile),
      ...licenseClaims(isTokenRequest ? found : await entitlementOf(signIns, app, accountId)),
    });
    return { accountId, claims };
  };
}

function noLicense(more: string): Error {
  return Object.assign(
    new errors.CustomOIDCProviderError('invalid_grant', `The person has no license for this app. ${more}`),
    { expose: true },
  );
}

/** Nobody is asked whether a client may do what it is there for: each has its grant from the start. */
async function grantOf({ oidc }: KoaContextWithOIDC, baseUrl: string) {
  const { client, session, provider, account, requestParamClaims } = oidc;
  if (!client || !session || !account) return undefined;
  const grantId = session.grantIdFor(client.clientId);
  const held = grantId === undefined ? undefined : await provider.Grant.find(grantId);
  const grant = held ?? new provider.Grant({ clientId: client.clientId, accountId: account.accountId });
  const isOurs = ownViewOf(client) === undefined;
  grant.addOIDCScope(isOurs ? 'openid profile offline_access' : 'openid profile email offline_access');
  // Single claims of these scopes, by the parameter claims.
  grant.addOIDCClaims([...requestParamClaims]);
  // What apps get is for them alone: never a token for this API in a person's name.
  if (isForThisApi(client)) grant.addResourceScope(baseUrl, `${baseUrl}/.default`);
  // As long as the session, which this request prolongs; or as long as the app may keep it without one.
  grant.exp = Math.floor(Date.now() / 1000) + (isOurs ? SESSION_SECONDS : offlineSeconds(client, 'inAll'));
  await grant.save();
  return grant;
}

function isOffline({ scopes }: { readonly scopes: Set<string> }): boolean {
  return scopes.has('offline_access');
}

function offlineSeconds(client: ProviderClient, how: 'unused' | 'inAll'): number {
  const isSpa = (ownViewOf(client)?.redirectUris.spa.length ?? 0) > 0;
  return isSpa ? OFFLINE_SECONDS.spa : OFFLINE_SECONDS[how];
}

/** How long each kind of thing lasts, in seconds. */
export const PEOPLES_TTL = {
  Session: SESSION_SECONDS,
  Grant: SESSION_SECONDS,
  RefreshToken: (_ctx: KoaContextWithOIDC, _token: unknown, client: ProviderClient) =>
    isForThisApi(client) ? SESSION_SECONDS : offlineSeconds(client, 'unused'),
  AuthorizationCode: CODE_SECONDS,
  DeviceCode: DEVICE_CODE_SECONDS,
  Interaction: INTERACTION_SECONDS,
  IdToken: ID_TOKEN_SECONDS,
};

/** What a person's access token says: who, and which roles they hold (wids, as Microsoft calls them). */
export function personsClaims(person: Person, tenantId: string): AccountClaims {
  return { ...claimsOf(person, tenantId), idtyp: 'user', scp: DELEGATED, wids: [...person.roleIds] };
}

/** What is told of a person to apps, as Microsoft names it. */
export function claimsOf(
  person: Pick<Person, 'userId' | 'displayName' | 'userPrincipalName'>,
  tenantId: string,
): AccountClaims {
  return {
    sub: person.userId,
    oid: person.userId,
    tid: tenantId,
    name: person.displayName,
    preferred_username: person.userPrincipalName,
  };
}

function profileClaims({ givenName, surname, mail }: Profile) {
  return {
    ...(givenName !== null && { given_name: givenName }),
    ...(surname !== null && { family_name: surname }),
    // Nothing is said of its being verified: who writes the directory vouches for it.
    ...(mail !== null && { email: mail }),
  };
}
