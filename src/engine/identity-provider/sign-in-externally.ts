import { isUniqueViolation } from '../../db/failures.ts';
import type { Database } from '../../db/open.ts';
import { recordAudit } from '../audit/audit.ts';
import { findOrCreateUser } from '../directory/find-or-create-user.ts';
import { holdMemberships } from '../directory/licensing-queue.ts';
import { insertMembers } from '../directory/members.ts';
import { inTenant, type Tenancy, type TenantTransaction } from '../tenant/tenancy.ts';
import { decideLink, refused, type LinkDecision } from './decide-link.ts';
import type { ExternalPerson } from './external-person.ts';
import { providerActor, type IdentityProvider } from './identity-provider.ts';
import { readLinkFacts } from './read-link-facts.ts';

/** Who has signed in by a provider, or why nobody has. */
export type ExternalSignIn =
  | {
      readonly kind: 'signedIn';
      readonly by: 'linked' | 'link' | 'create';
      readonly userId: string;
      readonly userPrincipalName: string;
    }
  | (LinkDecision & { readonly kind: 'confirm' | 'refused' });

/** How often it is decided anew, where somebody changed what it was decided on. */
const ATTEMPTS_MAX = 4;

/**
 * Finds the user of a person whom a provider has signed in; links them the first time, or creates
 * them; and puts them into the groups that theirs are mapped to.
 * @throws StoreUnavailable
 */
export async function signInExternally(
  db: Database,
  provider: IdentityProvider,
  person: ExternalPerson,
  correlationId: string | null,
): Promise<ExternalSignIn> {
  const tenancy = { db, tenantId: provider.tenantId, actor: providerActor(provider), correlationId };
  for (let attempt = 1; ; attempt += 1) {
    try {
      const outcome = await decideAndLink(tenancy, provider, person);
      if (outcome.kind !== 'create') return outcome;
      const created = await create(tenancy, provider, person, outcome.userName);
      if (created || attempt === ATTEMPTS_MAX) return created ?? refused('noUser', 'There is no such user.');
    } catch (error) {
      // Another sign-in has linked or created in this very moment.
      if (!isUniqueViolation(error) || attempt === ATTEMPTS_MAX) throw error;
    }
  }
}

/**
 * Links an identity to a user who has just proved by their password too that they are meant.
 * @returns refused where the identity or the user has another one by now
 */
export async function linkConfirmed(
  tenancy: Tenancy,
  provider: IdentityProvider,
  person: ExternalPerson,
  userId: string,
): Promise<ExternalSignIn> {
  return inTenant(tenancy, async (tx) => {
    const isToJoin = await holdForJoining(tx, person, userId);
    await lockUser(tx, userId);
    const decision = decideLink(provider, person, await readLinkFacts(tx.client, provider, person));
    if (decision.kind === 'refused') return decision;
    if (decision.kind === 'create' || decision.user.userId !== userId)
      return refused('noUser', 'There is no such user.');
    const { user } = decision;
    if (decision.kind !== 'linked') await insertLink(tx, provider, person, user, 'verified name and password');
    if (isToJoin) await joinGroups(tx, person, userId);
    return { kind: 'signedIn', by: 'link', userId, userPrincipalName: user.userPrincipalName };
  });
}

async function decideAndLink(
  tenancy: Tenancy,
  provider: IdentityProvider,
  person: ExternalPerson,
): Promise<ExternalSignIn | (LinkDecision & { readonly kind: 'create' })> {
  return inTenant(tenancy, async (tx) => {
    const before = await readLinkFacts(tx.client, provider, person);
    const concerned = before.linked ?? before.named;
    const isToJoin = concerned && (await holdForJoining(tx, person, concerned.userId));
    if (concerned) await lockUser(tx, concerned.userId);
    // Once more under the lock: nobody blocks, deletes or gives a role to the user meanwhile.
    const facts = concerned ? await readLinkFacts(tx.client, provider, person) : before;
    const decision = decideLink(provider, person, facts);
    if (decision.kind !== 'linked' && decision.kind !== 'link') return decision;
    const { user } = decision;
    if (decision.kind === 'link') await insertLink(tx, provider, person, user, 'verified name');
    if (isToJoin) await joinGroups(tx, person, user.userId);
    return {
      kind: 'signedIn',
      by: decision.kind,
      userId: user.userId,
      userPrincipalName: user.userPrincipalName,
    };
  });
}

/** @returns undefined where there is one by now: then it is decided anew, since a name that is found isn't linked yet */
async function create(
  tenancy: Tenancy,
  provider: IdentityProvider,
  person: ExternalPerson,
  userName: string,
): Promise<ExternalSignIn | undefined> {
  const atDoor = { ...person.attributes, userPrincipalName: userName, isNameVerified: true };
  const holding =
    person.groupIds.length > 0
      ? { ...tenancy, alongside: (tx: TenantTransaction) => holdMemberships(tx, 'shared') }
      : tenancy;
  const user = await findOrCreateUser(holding, atDoor, async (tx, userId) => {
    await insertLink(tx, provider, person, { userId, userPrincipalName: userName }, 'created');
    await joinGroups(tx, person, userId);
  });
  if (user.kind === 'found') return undefined;
  if (user.kind === 'none') return refused('noUser', user.message);
  return { kind: 'signedIn', by: 'create', userId: user.userId, userPrincipalName: user.userPrincipalName };
}

async function lockUser(tx: TenantTransaction, userId: string): Promise<void> {
  await tx.client.query('select from users where tenant_id = $1 and user_id = $2 for update', [tx.tenantId, userId]);
}

async function insertLink(
  tx: TenantTransaction,
  provider: IdentityProvider,
  { subject }: ExternalPerson,
  { userId, userPrincipalName }: { userId: string; userPrincipalName: string },
  by: string,
): Promise<void> {
  const { providerId, displayName } = provider;
  await tx.query
    .insertInto('external_identities')
    .values({ tenant_id: tx.tenantId, provider_id: providerId, subject, user_id: userId, linked_at: tx.now })
    .execute();
  await recordAudit(tx, [
    {
      category: 'UserManagement',
      activity: 'Link external identity',
      operation: 'Update',
      target: { type: 'User', id: userId, name: userPrincipalName },
      details: { identityProvider: displayName, subject, by },
    },
  ]);
}

/** The mapped groups that there are and that a user isn't in. */
const TO_JOIN = `select g.group_id as id, g.display_name as "displayName" from groups g
  where g.tenant_id = $1 and g.group_id = any($2::uuid[])
    and not exists (select from group_users m
                     where m.tenant_id = g.tenant_id and m.group_id = g.group_id and m.user_id = $3)`;

/**
 * Before every other lock of a transaction that may put a user into groups (docs/decisions/0101). Looks
 * without a lock first: most sign-ins join nothing, and must not wait for a change of groups.
 * @returns whether there are groups to join; without, joinGroups isn't to be called
 */
async function holdForJoining(tx: TenantTransaction, { groupIds }: ExternalPerson, userId: string): Promise<boolean> {
  if (groupIds.length === 0) return false;
  const { rowCount } = await tx.client.query(`${TO_JOIN} limit 1`, [tx.tenantId, groupIds, userId]);
  if (!rowCount) return false;
  await holdMemberships(tx, 'shared');
  return true;
}

/** Into the groups that are mapped, with memberships held; out of none: groups give licenses, which a token's silence must not take. */
async function joinGroups(tx: TenantTransaction, { groupIds }: ExternalPerson, userId: string): Promise<void> {
  if (groupIds.length === 0) return;
  const { rows } = await tx.client.query<{ id: string; displayName: string }>(
    `${TO_JOIN} order by g.group_id for key share`,
    [tx.tenantId, groupIds, userId],
  );
  for (const group of rows) await insertMembers(tx, group, [userId]);
}
