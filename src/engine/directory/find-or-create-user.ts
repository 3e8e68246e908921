import { isUniqueViolation } from '../../db/failures.ts';
import type { Database } from '../../db/open.ts';
import { inTenant, type Tenancy, type TenantTransaction } from '../tenant/tenancy.ts';
import { isCountry } from '../tenant/country.ts';
import {
  CREATION_RATE,
  isCreationRateSpent,
  lockCreationRate,
  noteCreationRefused,
  takeCreation,
} from './creation-rate.ts';
import { principalNameFault, type NewUser } from './user.ts';
import { insertUser } from './write-user.ts';

/** What a trusted door knows of the person who signs in. */
export interface PersonAtDoor {
  /** The name by which the tenant's users are found, in any case. */
  readonly userPrincipalName: string;
  /**
   * Whether the identity provider vouches that the name is this person's: of a mail address that
   * it has not verified, anyone may say so. Without, nobody is found and nobody created.
   */
  readonly isNameVerified: boolean;
  readonly displayName?: string | null | undefined;
  readonly givenName?: string | null | undefined;
  readonly surname?: string | null | undefined;
  readonly mail?: string | null | undefined;
  readonly userType?: 'Member' | 'Guest' | undefined;
  /** ISO 3166-1 alpha-2, in any case; what isn't one is left out. */
  readonly usageLocation?: string | null | undefined;
  readonly country?: string | null | undefined;
  readonly department?: string | null | undefined;
  readonly jobTitle?: string | null | undefined;
  readonly companyName?: string | null | undefined;
  readonly preferredLanguage?: string | null | undefined;
}

/** Why a person who signs in has no user, and gets none. */
export type NoUserReason = 'nameNotVerified' | 'notAName' | 'creationOff' | 'domainNotAllowed' | 'tooManyCreated';

export type UserAtDoor =
  | { readonly kind: 'found' | 'created'; readonly userId: string; readonly userPrincipalName: string }
  | { readonly kind: 'none'; readonly reason: NoUserReason; readonly message: string };

/**
 * The user who signs in through a trusted door: found by user principal name, else created where
 * the tenant's setting allows it. The tenancy's actor, the door, is who the audit names. Two at the
 * same moment make one user. Whoever has no user is a value, since the sign-in goes on: its
 * decision is then `unknownUser`.
 * @param alongside done in the transaction that creates the user, after it: a link to an external identity, say
 * @throws StoreUnavailable
 */
export async function findOrCreateUser(
  tenancy: Tenancy,
  person: PersonAtDoor,
  alongside?: (tx: TenantTransaction, userId: string) => Promise<void>,
): Promise<UserAtDoor> {
  const { db, tenantId } = tenancy;
  if (!person.isNameVerified) return none('nameNotVerified', person);
  if (principalNameFault(person.userPrincipalName)) return none('notAName', person);
  const name = person.userPrincipalName;
  // On the connections of sign-ins: no import and no report keeps one waiting.
  const { rows } = await db.pipelined.query<Found & Setting>({
    name: 'user-at-door',
    text: `select u.user_id, u.user_principal_name, t.create_users_on_sign_in, t.allowed_domains
             from tenants t left join users u on u.tenant_id = $1 and lower(u.user_principal_name) = lower($2)
            where t.tenant_id = $1`,
    values: [tenantId, name],
  });
  const row = rows[0];
  if (!row) return none('creationOff', person);
  if (row.user_id !== null) return found(row);
  const refusal = refusalOf(row, name);
  if (refusal) return none(refusal, person);
  if (await isCreationRateSpent(db, tenantId)) {
    await noteCreationRefused(db, tenantId);
    return none('tooManyCreated', person);
  }
  const outcome = await create(tenancy, person, alongside);
  if (outcome.kind === 'none' && outcome.reason === 'tooManyCreated') await noteCreationRefused(db, tenantId);
  return outcome;
}

/** Why a user with this name would not be created on a sign-in, in words for an admin; undefined where they would. */
export async function whyNotCreated(db: Database, tenantId: string, name: string): Promise<string | undefined> {
  if (principalNameFault(name)) return MESSAGES.notAName(domainOf(name));
  const { rows } = await db.pool.query<Setting>(
    'select create_users_on_sign_in, allowed_domains from tenants where tenant_id = $1',
    [tenantId],
  );
  const refusal = rows[0] ? refusalOf(rows[0], name) : 'creationOff';
  return refusal && MESSAGES[refusal](domainOf(name));
}

interface Found {
  readonly user_id: string | null;
  readonly user_principal_name: string;
}

interface Setting {
  readonly create_users_on_sign_in: boolean;
  readonly allowed_domains: readonly string[];
}

async function create(
  tenancy: Tenancy,
  person: PersonAtDoor,
  alongside?: (tx: TenantTransaction, userId: string) => Promise<void>,
): Promise<UserAtDoor> {
  try {
    return await inTenant(tenancy, async (tx) => {
      const spentUntil = await lockCreationRate(tx);
      // In new statements, after the lock: what another sign-in has created meanwhile, and the setting as it is now.
      const meanwhile = await findByName(tx, person.userPrincipalName);
      if (meanwhile) return found(meanwhile);
      const setting = await tx.query
        .selectFrom('tenants')
        .select(['create_users_on_sign_in', 'allowed_domains'])
        .where('tenant_id', '=', tx.tenantId)
        .executeTakeFirstOrThrow();
      const refusal = refusalOf(setting, person.userPrincipalName);
      if (refusal) return none(refusal, person);
      if (!(await takeCreation(tx, spentUntil))) return none('tooManyCreated', person);
      const userId = await insertUser(tx, newUser(person));
      await alongside?.(tx, userId);
      return { kind: 'created', userId, userPrincipalName: person.userPrincipalName };
    });
  } catch (error) {
    if (!isUniqueViolation(error)) throw error;
    // An admin has added the same user in this moment.
    const meanwhile = await inTenant(tenancy, (tx) => findByName(tx, person.userPrincipalName));
    if (!meanwhile) throw error;
    return found(meanwhile);
  }
}

async function findByName({ client, tenantId }: TenantTransaction, name: string): Promise<Found | undefined> {
  const { rows } = await client.query<Found>(
    'select user_id, user_principal_name from users where tenant_id = $1 and lower(user_principal_name) = lower($2)',
    [tenantId, name],
  );
  return rows[0];
}

/** Domains are equal as whole names: a subdomain is another domain. An empty list allows nobody. */
function refusalOf(setting: Setting, name: string): NoUserReason | undefined {
  if (!setting.create_users_on_sign_in) return 'creationOff';
  return setting.allowed_domains.includes(domainOf(name)) ? undefined : 'domainNotAllowed';
}

function domainOf(name: string): string {
  return name.slice(name.lastIndexOf('@') + 1).toLowerCase();
}

/** The longest text that is kept of what a provider tells, in code points. */
const TEXT_LENGTH_MAX = 256;

function newUser(person: PersonAtDoor): NewUser {
  const location = text(person.usageLocation)?.toUpperCase();
  return {
    userPrincipalName: person.userPrincipalName,
    displayName: text(person.displayName) ?? person.userPrincipalName,
    ...(person.userType && { userType: person.userType }),
    givenName: text(person.givenName),
    surname: text(person.surname),
    mail: text(person.mail),
    usageLocation: location !== undefined && isCountry(location) ? location : null,
    country: text(person.country),
    department: text(person.department),
    jobTitle: text(person.jobTitle),
    companyName: text(person.companyName),
    preferredLanguage: text(person.preferredLanguage),
  };
}

/** A provider's text as it can be kept: whole characters, none that can't be stored; null where nothing is left. */
function text(value: string | null | undefined): string | null {
  const kept = (value ?? '')
    .replace(/\p{Cc}/gu, '')
    .toWellFormed()
    .trim();
  return kept === '' ? null : Array.from(kept).slice(0, TEXT_LENGTH_MAX).join('');
}

function found({ user_id, user_principal_name }: Found): UserAtDoor {
  return { kind: 'found', userId: user_id!, userPrincipalName: user_principal_name };
}

function none(reason: NoUserReason, { userPrincipalName }: PersonAtDoor): UserAtDoor {
  return { kind: 'none', reason, message: MESSAGES[reason](domainOf(userPrincipalName)) };
}

/** In words for an admin. */
const MESSAGES: Readonly<Record<NoUserReason, (domain: string) => string>> = {
  nameNotVerified: () => 'The identity provider does not vouch for the name of this person.',
  notAName: () => 'What the identity provider tells is no user principal name.',
  creationOff: () => 'There is no such user, and users are not created on their first sign-in.',
  domainNotAllowed: (domain) =>
    `There is no such user, and the domain ${domain} is not among those whose users are created on their first sign-in.`,
  tooManyCreated: () =>
    `There is no such user, and more than ${CREATION_RATE.atOnce} users would be created within a short time.`,
};
