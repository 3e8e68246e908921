import { changesBetween, recordAudit } from '../audit/audit.ts';
import { holdMemberships, queueMembers } from '../directory/licensing-queue.ts';
import { notFound, Refused } from '../refused.ts';
import { inTenant, type Tenancy, type TenantTransaction } from '../tenant/tenancy.ts';
import type { LicenseToAdd } from './assignment-checks.ts';
import { licenseQueued } from './work-off-queue.ts';

interface NamedGroup {
  readonly id: string;
  readonly displayName: string;
}

/**
 * Writes what a group gives its members, all that is asked or none of it, and queues these: a few
 * have it, or lost it, when this returns, many in the background. A product that the group gives
 * already gets the new disabled plans.
 * @throws Refused with Graph's exact messages (FACTS.md, "assignLicense")
 */
export async function assignLicensesToGroup(
  tenancy: Tenancy,
  groupId: string,
  add: readonly LicenseToAdd[],
  remove: readonly string[],
): Promise<void> {
  const queued = await inTenant(tenancy, async (tx) => {
    await holdMemberships(tx, 'whole');
    return (await setGroupLicenses(tx, groupId, add, remove)) ? queueMembers(tx, [groupId]) : [];
  });
  await licenseQueued(tenancy, queued);
}

/**
 * The same inside a transaction that holds all memberships (holdMemberships), but for the queueing.
 * @returns whether the group gives other licenses now: then its members are to be queued (queueMembers)
 */
export async function setGroupLicenses(
  tx: TenantTransaction,
  groupId: string,
  add: readonly LicenseToAdd[],
  remove: readonly string[],
): Promise<boolean> {
  const group = await lockGroup(tx, groupId);
  const before = await readLicenses(tx, groupId);
  if (remove.some((skuId) => !before.some((license) => license.skuId === skuId)))
    throw refused('User does not have a corresponding license.');
  await checkAdditions(tx, add);
  await writeLicenses(tx, groupId, add, remove);
  const changes = changesBetween({ assignedLicenses: before }, { assignedLicenses: await readLicenses(tx, groupId) });
  if (changes.length === 0) return false;
  await recordAudit(tx, [
    {
      category: 'GroupManagement',
      activity: 'Set group license',
      operation: 'Update',
      target: { type: 'Group', id: groupId, name: group.displayName },
      changes,
    },
  ]);
  return true;
}

/**
 * Looks again at what a group gives all its members: mends the errors whose causes are gone.
 * @throws Refused notFound
 */
export async function reprocessGroup(tenancy: Tenancy, groupId: string): Promise<void> {
  const queued = await inTenant(tenancy, async (tx) => {
    const { displayName } = await lockGroup(tx, groupId);
    await recordAudit(tx, [
      {
        category: 'GroupManagement',
        activity: 'Reprocess group license',
        operation: 'Update',
        target: { type: 'Group', id: groupId, name: displayName },
      },
    ]);
    return queueMembers(tx, [groupId]);
  });
  await licenseQueued(tenancy, queued);
}

async function lockGroup(tx: TenantTransaction, id: string): Promise<NamedGroup> {
  const row = await tx.query
    .selectFrom('groups')
    .select('display_name')
    .where('tenant_id', '=', tx.tenantId)
    .where('group_id', '=', id)
    .forNoKeyUpdate()
    .executeTakeFirst();
  if (!row) throw notFound(id);
  return { id, displayName: row.display_name };
}

async function readLicenses(tx: TenantTransaction, groupId: string) {
  const { rows } = await tx.client.query<{ skuId: string; disabledPlans: string[] }>(
    `select sku_id as "skuId", disabled_plans::text[] as "disabledPlans"
       from group_licenses where tenant_id = $1 and group_id = $2 order by sku_id`,
    [tx.tenantId, groupId],
  );
  return rows;
}

async function checkAdditions(tx: TenantTransaction, add: readonly LicenseToAdd[]): Promise<void> {
  const { rows } = await tx.client.query<{ sku_id: string; applies_to: string; is_bought: boolean; plans: string[] }>(
    `select t.sku_id, t.applies_to,
            exists (select from pools o where o.tenant_id = $1 and o.sku_id = t.sku_id) as is_bought,
            array(select l.service_plan_id::text from product_plans l where l.tenant_id = $1 and l.sku_id = t.sku_id) as plans
       from products t where t.tenant_id = $1 and t.sku_id = any($2::uuid[])`,
    [tx.tenantId, add.map(({ skuId }) => skuId)],
  );
  for (const { skuId, disabledPlans } of add) {
    const product = rows.find((row) => row.sku_id === skuId);
    if (!product?.is_bought) throw refused(`License ${skuId} does not correspond to a valid company License.`);
    if (product.applies_to !== 'User') throw refused(`License ${skuId} cannot be assigned to a group.`);
    const unknown = disabledPlans.find((id) => !product.plans.includes(id));
    if (unknown) throw refused(`disabledPlans: service plan ${unknown} is not part of license ${skuId}.`);
  }
}

/** Only what differs: whoever asks again for what is given changes nothing. Disabled plans are a set. */
async function writeLicenses(
  tx: TenantTransaction,
  groupId: string,
  add: readonly LicenseToAdd[],
  remove: readonly string[],
): Promise<void> {
  await tx.client.query(
    'delete from group_licenses where tenant_id = $1 and group_id = $2 and sku_id = any($3::uuid[])',
    [tx.tenantId, groupId, remove],
  );
  await tx.client.query(
    `insert into group_licenses (tenant_id, group_id, sku_id, disabled_plans, assigned_at)
     select $1::uuid, $2::uuid, a."skuId", array(select distinct unnest(a."disabledPlans") order by 1), $4::timestamptz
       from jsonb_to_recordset($3::jsonb) as a("skuId" uuid, "disabledPlans" uuid[])
     on conflict (tenant_id, group_id, sku_id)
     do update set disabled_plans = excluded.disabled_plans, assigned_at = excluded.assigned_at
      where group_licenses.disabled_plans is distinct from excluded.disabled_plans`,
    [tx.tenantId, groupId, JSON.stringify(add), tx.now],
  );
}

function refused(message: string): Refused {
  return new Refused('invalid', message);
}
