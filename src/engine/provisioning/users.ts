import type { Expression, SqlBool } from 'kysely';
import { isUniqueViolation } from '../../db/failures.ts';
import type { Database } from '../../db/open.ts';
import { recordAudit } from '../audit/audit.ts';
import { guardAdministrators } from '../directory/guard-administrators.ts';
import { USER_COLUMN_NAMES } from '../directory/user-records.ts';
import { checkUserValues, userValues, type NewUser, type UserValues } from '../directory/user.ts';
import { changeUser, insertUser } from '../directory/write-user.ts';
import { endOwnPathsOfUser } from '../license/end-user.ts';
import { duplicate, notFound } from '../refused.ts';
import { lockAllPools } from '../subscription/pools.ts';
import { inTenant, type Tenancy, type TenantTransaction } from '../tenant/tenancy.ts';
import type { ProvisioningClient } from './client.ts';

/** A user as a provisioning client sees them. */
export interface ProvisionedUser {
  readonly id: string;
  readonly values: UserValues;
  readonly createdAt: Date;
  /** What this client calls the user. */
  readonly externalId: string | null;
  /** All that this client has told of the user, also what Autoclaim has no use for. */
  readonly attributes: Readonly<Record<string, unknown>>;
}

/** What a client tells of a user. */
export interface ToldUser<Values = Partial<UserValues>> {
  readonly values: Values;
  readonly externalId: string | null;
  readonly attributes: Readonly<Record<string, unknown>>;
}

/** No provisioning client is over administrators: whoever has its token would be, too. */
export const PROVISIONER = { permissions: new Set<string>() };

/** In conditions, `u` is the users' table and `p` what this client has told. */
function select(query: Database['query'], { tenantId, clientId }: ProvisioningClient) {
  return query
    .selectFrom('users as u')
    .leftJoin('provisioned_users as p', (join) =>
      join
        .onRef('p.tenant_id', '=', 'u.tenant_id')
        .onRef('p.user_id', '=', 'u.user_id')
        .on('p.client_id', '=', clientId),
    )
    .where('u.tenant_id', '=', tenantId);
}

const COLUMNS = [
  'u.user_id',
  'u.created_at',
  'p.external_id',
  'p.attributes',
  ...USER_COLUMN_NAMES.map((name) => `u.${name}` as const),
] as const;

function provisionedUser(row: Record<string, unknown>): ProvisionedUser {
  return {
    id: row['user_id'] as string,
    values: userValues(row as never),
    createdAt: row['created_at'] as Date,
    externalId: (row['external_id'] as string | null) ?? null,
    attributes: (row['attributes'] as ProvisionedUser['attributes'] | null) ?? {},
  };
}

export async function readProvisionedUser(
  query: Database['query'],
  client: ProvisioningClient,
  id: string,
): Promise<ProvisionedUser> {
  const row = await select(query, client).select(COLUMNS).where('u.user_id', '=', id).executeTakeFirst();
  if (!row) throw notFound(id);
  return provisionedUser(row);
}

/** A page of users in the order of their ids, and how many there are in all. */
export async function readProvisionedUsers(
  db: Database,
  client: ProvisioningClient,
  condition: Expression<SqlBool> | undefined,
  { offset, limit }: { offset: number; limit: number },
): Promise<{ total: number; users: ProvisionedUser[] }> {
  const all = condition ? select(db.query, client).where(condition) : select(db.query, client);
  const { total } = await all.select((count) => count.fn.countAll<number>().as('total')).executeTakeFirstOrThrow();
  if (limit === 0 || offset >= total) return { total, users: [] };
  const rows = await all.select(COLUMNS).orderBy('u.user_id').offset(offset).limit(limit).execute();
  return { total, users: rows.map(provisionedUser) };
}

/**
 * Adds a user.
 * @returns the new user's id
 * @throws Refused
 */
export async function addProvisionedUser(
  tenancy: Tenancy,
  client: ProvisioningClient,
  told: ToldUser<NewUser>,
): Promise<string> {
  checkUserValues(told.values);
  return uniquely(() =>
    inTenant(tenancy, async (tx) => {
      const id = await insertUser(tx, told.values);
      await keepTold(tx, client, id, told);
      return id;
    }),
  );
}

/**
 * Changes a user as a client tells. A user who is deactivated by it loses direct and policy licenses
 * in the same transaction, where the client is one that releases them: with all pools locked no
 * claim for the user is under way.
 * @param decide what the client tells, by how the user is now; may be asked more than once
 * @throws Refused
 */
export async function changeProvisionedUser(
  tenancy: Tenancy,
  client: ProvisioningClient,
  id: string,
  decide: (now: ProvisionedUser) => ToldUser,
): Promise<void> {
  const change = (arePoolsLocked: boolean) =>
    uniquely(() =>
      inTenant(tenancy, async (tx) => {
        if (arePoolsLocked) await lockAllPools(tx);
        // What guards administrators is locked before the user, as everywhere.
        return guardAdministrators(tx, PROVISIONER, [id], async () => {
          await tx.client.query('select from users where tenant_id = $1 and user_id = $2 for no key update', [
            tx.tenantId,
            id,
          ]);
          const now = await readProvisionedUser(tx.query, client, id);
          const told = decide(now);
          checkUserValues(told.values);
          const releases = client.releasesLicenses && now.values.accountEnabled && told.values.accountEnabled === false;
          if (releases && !arePoolsLocked) return false;
          await changeUser(tx, id, told.values);
          await keepTold(tx, client, id, told);
          if (releases) await releaseLicenses(tx, now);
          return true;
        });
      }),
    );
  // Only a deactivation needs the pools; whether it is one is known once the user is read.
  if (!(await change(false))) await change(true);
}

async function releaseLicenses(tx: TenantTransaction, { id, values }: ProvisionedUser): Promise<void> {
  const ended = await endOwnPathsOfUser(tx, id);
  await recordAudit(
    tx,
    ended.map(({ skuId, isHeld }) => ({
      category: 'UserManagement',
      activity: 'Change user license',
      operation: 'Unassign',
      target: { type: 'User', id, name: values.userPrincipalName },
      details: {
        SkuId: skuId,
        Reason: 'Deactivated by a provisioning client',
        ...(isHeld && { StillHeldBy: 'group' }),
      },
    })),
  );
}

async function keepTold(tx: TenantTransaction, client: ProvisioningClient, id: string, told: ToldUser): Promise<void> {
  await tx.client.query(
    `insert into provisioned_users (tenant_id, client_id, user_id, external_id, attributes) values ($1, $2, $3, $4, $5)
     on conflict (tenant_id, client_id, user_id) do update
        set external_id = excluded.external_id, attributes = excluded.attributes`,
    [tx.tenantId, client.clientId, id, told.externalId, JSON.stringify(told.attributes)],
  );
}

async function uniquely<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw isUniqueViolation(error) ? duplicate('userName') : error;
  }
}
