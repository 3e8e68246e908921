import type { AccountClaims, Configuration, FindAccount } from 'oidc-provider';
import type { Database } from '../../db/open.ts';
import { readPerson, type Person } from '../../engine/directory/person.ts';
import { errorPage } from '../pages/message-pages.ts';
import { signInAddress } from '../pages/addresses.ts';
import { ADMIN_CENTER } from './admin-center.ts';
import { interactionPolicy } from './oidc-provider.ts';

/** What an app is let do for a person: whatever they may do themselves. */
export const DELEGATED = 'user_impersonation';

/** How long a person stays signed in without coming back; what they hold ends with the session. */
const SESSION_SECONDS = 12 * 3600;
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
export function peoplesConfiguration(db: Database, baseUrl: string, tenantId: string): PeoplesConfiguration {
  const everything = `${baseUrl}/.default`;
  const findAccount: FindAccount = async (_ctx, accountId) => {
    const person = await readPerson(db, tenantId, accountId);
    return person && { accountId, claims: () => claimsOf(person, tenantId) };
  };
  return {
    findAccount,
    claims: {
      openid: ['sub', 'oid', 'tid'],
      profile: ['name', 'preferred_username'],
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
    pkce: { required: () => true },
    allowOmittingSingleRegisteredRedirectUri: false,
    expiresWithSession: () => true,
    rotateRefreshToken: true,
    issueRefreshToken: async (_ctx, client) => client.grantTypeAllowed('refresh_token'),
    interactions: {
      policy: withoutConsent(),
      url: (_ctx, interaction) => signInAddress(baseUrl, tenantId, interaction.uid),
    },
    // Nobody is asked whether our own client may do what it is there for.
    async loadExistingGrant(ctx) {
      const { client, session, provider, account } = ctx.oidc;
      if (client?.clientId !== ADMIN_CENTER || !session || !account) return undefined;
      const grantId = session.grantIdFor(client.clientId);
      const held = grantId === undefined ? undefined : await provider.Grant.find(grantId);
      // As long as the session, which this request prolongs.
      const grant = held ?? new provider.Grant({ clientId: client.clientId, accountId: account.accountId });
      grant.addOIDCScope('openid profile offline_access');
      grant.addResourceScope(baseUrl, everything);
      grant.exp = Math.floor(Date.now() / 1000) + SESSION_SECONDS;
      await grant.save();
      return grant;
    },
    renderError(ctx, out) {
      ctx.type = 'text/html; charset=utf-8';
      ctx.body = errorPage(baseUrl, out.error_description ?? out.error);
    },
  };
}

/** Whom an app may act for is the organisation's decision, made when the app was registered. */
function withoutConsent() {
  const policy = interactionPolicy.base();
  policy.remove('consent');
  return policy;
}

/** How long each kind of thing lasts. */
export const PEOPLES_TTL = {
  Session: SESSION_SECONDS,
  Grant: SESSION_SECONDS,
  RefreshToken: SESSION_SECONDS,
  AuthorizationCode: CODE_SECONDS,
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
