import type { Expression, SqlBool } from 'kysely';
import type { Database } from '../../db/open.ts';
import { holdForMembers, putIn, takeOut } from '../directory/members.ts';
import { changeGroup, insertGroup } from '../directory/write-group.ts';
import { licenseQueued } from '../license/work-off-queue.ts';
import { invalid, notFound, Refused } from '../refused.ts';
import { inTenant, type Tenancy, type TenantTransaction } from '../tenant/tenancy.ts';
import type { ProvisioningClient } from './client.ts';

/** A group as a provisioning client sees it. */
export interface ProvisionedGroup {
  readonly id: string;
  readonly displayName: string;
  readonly createdAt: Date;
  readonly externalId: string | null;
}

export interface ProvisionedMember {
  readonly id: string;
  readonly kind: 'User' | 'Group';
  readonly name: string;
}

/** Who comes and goes; with `isWhole` whoever isn't among those that come goes. */
export interface MemberChange {
  readonly isWhole: boolean;
  readonly add: ReadonlySet<string>;
  readonly remove: ReadonlySet<string>;
}

/** What a client tells of a group: what is undefined stays. */
export interface ToldGroup<Name = string | undefined> {
  readonly displayName: Name;
  readonly externalId: string | null | undefined;
  readonly members: MemberChange;
}

/** Members are written so many at once: each is several values of one statement. */
const MEMBERS_AT_ONCE = 1_000;

/** In conditions, `g` is the groups' table and `p` what this client has told. */
function select(query: Database['query'], { tenantId, clientId }: ProvisioningClient) {
  return query
    .selectFrom('groups as g')
    .leftJoin('provisioned_groups as p', (join) =>
      join
        .onRef('p.tenant_id', '=', 'g.tenant_id')
        .onRef('p.group_id', '=', 'g.group_id')
        .on('p.client_id', '=', clientId),
    )
    .where('g.tenant_id', '=', tenantId);
}

const COLUMNS = [
  'g.group_id as id',
  'g.display_name as displayName',
  'g.created_at as createdAt',
  'p.external_id as externalId',
] as const;

/** @throws Refused notFound */
export async function readProvisionedGroup(
  query: Database['query'],
  client: ProvisioningClient,
  id: string,
): Promise<ProvisionedGroup> {
  const row = await select(query, client).select(COLUMNS).where('g.group_id', '=', id).executeTakeFirst();
  if (!row) throw notFound(id);
  return row;
}

/** A page of groups in the order of their ids, and how many there are in all. */
export async function readProvisionedGroups(
  db: Database,
  client: ProvisioningClient,
  condition: Expression<SqlBool> | undefined,
  { offset, limit }: { offset: number; limit: number },
): Promise<{ total: number; groups: ProvisionedGroup[] }> {
  const all = condition ? select(db.query, client).where(condition) : select(db.query, client);
  const { total } = await all.select((count) => count.fn.countAll<number>().as('total')).executeTakeFirstOrThrow();
  if (limit === 0 || offset >= total) return { total, groups: [] };
  return { total, groups: await all.select(COLUMNS).orderBy('g.group_id').offset(offset).limit(limit).execute() };
}

/** A group's own members, users before groups. */
export async function readProvisionedMembers(
  db: Pick<Database['pool'], 'query'>,
  tenantId: string,
  groupId: string,
): Promise<ProvisionedMember[]> {
  const { rows } = await db.query<ProvisionedMember>(
    `select m.user_id as id, 'User' as kind, u.display_name as name
       from group_users m join users u on u.tenant_id = m.tenant_id and u.user_id = m.user_id
      where m.tenant_id = $1 and m.group_id = $2
     union all
     select m.member_group_id, 'Group', g.display_name
       from group_groups m join groups g on g.tenant_id = m.tenant_id and g.group_id = m.member_group_id
      where m.tenant_id = $1 and m.group_id = $2
      order by 2 desc, 1`,
    [tenantId, groupId],
  );
  return rows;
}

/**
 * Adds a group.
 * @returns the new group's id
 * @throws Refused
 */
export function addProvisionedGroup(
  tenancy: Tenancy,
  client: ProvisioningClient,
  told: ToldGroup<string>,
): Promise<string> {
  return inTenant(tenancy, async (tx) => {
    const id = await insertGroup(tx, { displayName: told.displayName, securityEnabled: true });
    await join(tx, id, [...told.members.add]);
    await keepTold(tx, client, id, told.externalId);
    return id;
  });
}

/**
 * Changes a group as a client tells: all of it or nothing. Who is a member already isn't added
 * again, and who isn't one can't go: telling it twice does no harm.
 * @throws Refused
 */
export async function changeProvisionedGroup(
  tenancy: Tenancy,
  client: ProvisioningClient,
  id: string,
  { displayName, externalId, members }: ToldGroup,
): Promise<void> {
  const queued = await inTenant(tenancy, async (tx) => {
    // Looked at first for whom it concerns alone: what holds memberships comes before all other locks.
    const concerned = new Set([...members.add, ...members.remove, ...(await membersAmong(tx, id, members))]);
    await holdForMembers(tx, [...concerned]);
    // Locks the group: of two that tell of the same member, the second finds what the first has done.
    await changeGroup(tx, id, displayName === undefined ? {} : { displayName });
    const current = await membersAmong(tx, id, members);
    const leaving = [...current].filter((one) => (members.isWhole ? !members.add.has(one) : members.remove.has(one)));
    const coming = [...members.add].filter((one) => !current.has(one));
    const left = await leave(tx, id, leaving);
    const joined = await join(tx, id, coming);
    await keepTold(tx, client, id, externalId);
    return [...left, ...joined];
  });
  await licenseQueued(tenancy, [...new Set(queued)]);
}

async function membersAmong(tx: TenantTransaction, groupId: string, { isWhole, add, remove }: MemberChange) {
  const { rows } = await tx.client.query<{ id: string }>(
    `select user_id as id from group_users
      where tenant_id = $1 and group_id = $2 and ($3::uuid[] is null or user_id = any($3::uuid[]))
     union all
     select member_group_id from group_groups
      where tenant_id = $1 and group_id = $2 and ($3::uuid[] is null or member_group_id = any($3::uuid[]))`,
    [tx.tenantId, groupId, isWhole ? null : [...add, ...remove]],
  );
  return new Set(rows.map((row) => row.id));
}

// Others than SCIM may add or take out the same in the same moment: no harm, either.

function join(tx: TenantTransaction, groupId: string, ids: readonly string[]): Promise<string[]> {
  return inParts(ids, (some) =>
    putIn(tx, groupId, some, 'fine').catch((error: unknown) => {
      if (error instanceof Refused && error.kind === 'notFound')
        throw invalid('members', `one isn't there. ${error.message}`);
      throw error;
    }),
  );
}

function leave(tx: TenantTransaction, groupId: string, ids: readonly string[]): Promise<string[]> {
  return inParts(ids, (some) => takeOut(tx, groupId, some, 'fine'));
}

async function inParts(ids: readonly string[], change: (some: readonly string[]) => Promise<string[]>) {
  const queued: string[] = [];
  for (let at = 0; at < ids.length; at += MEMBERS_AT_ONCE)
    queued.push(...(await change(ids.slice(at, at + MEMBERS_AT_ONCE))));
  return queued;
}

async function keepTold(
  tx: TenantTransaction,
  client: ProvisioningClient,
  id: string,
  externalId: string | null | undefined,
): Promise<void> {
  await tx.client.query(
    `insert into provisioned_groups (tenant_id, client_id, group_id, external_id) values ($1, $2, $3, $4)
     on conflict (tenant_id, client_id, group_id)
     ${externalId === undefined ? 'do nothing' : 'do update set external_id = excluded.external_id'}`,
    [tx.tenantId, client.clientId, id, externalId ?? null],
  );
}
