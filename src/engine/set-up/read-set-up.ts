import { readApps } from '../app/app.ts';
import { findRole } from '../directory/roles.ts';
import type { GroupLicense } from '../license/group-license.ts';
import { policyRows } from '../policy/policy-rows.ts';
import { readSettingIn } from '../policy/setting.ts';
import type { TenantTransaction } from '../tenant/tenancy.ts';
import type { CatalogueProduct, CurrentSetUp, RoleMember, SetUpDocument } from './set-up.ts';

const GUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/**
 * Reads the set-up as it is, and whatever a document names.
 * @param document undefined: what is there alone
 */
export async function readCurrentSetUp(tx: TenantTransaction, document: SetUpDocument = {}): Promise<CurrentSetUp> {
  const policies = await policyRows(tx);
  const groupLicenses = await readGroupLicenses(tx);
  const groups = [
    ...policies.flatMap((policy) => [...policy.includeGroups, ...policy.excludeGroups]),
    ...groupLicenses.map(({ groupId }) => groupId),
    ...(document.policies ?? []).flatMap((policy) => [
      ...(policy.includeGroups ?? []),
      ...(policy.excludeGroups ?? []),
    ]),
    ...(document.groupLicenses ?? []).map(({ group }) => group),
  ];
  return {
    setting: await readSettingIn(tx),
    apps: await readApps(tx),
    policies,
    products: await readCatalogue(tx),
    groupLicenses,
    groups: await readGroups(tx, groups),
    members: await readMembers(tx),
    users: await readUsers(
      tx,
      (document.roles ?? []).flatMap(({ members }) => members),
    ),
  };
}

async function readCatalogue(tx: TenantTransaction): Promise<CatalogueProduct[]> {
  const { rows } = await tx.client.query<CatalogueProduct>(
    `select p.sku_id as "skuId", p.sku_part_number as "skuPartNumber", p.display_name as "displayName",
            (select coalesce(json_agg(json_build_object('servicePlanId', x.service_plan_id,
                      'servicePlanName', x.service_plan_name, 'friendlyName', x.friendly_name) order by x.position), '[]')
               from product_plans x where x.tenant_id = p.tenant_id and x.sku_id = p.sku_id) as "servicePlans"
       from products p where p.tenant_id = $1`,
    [tx.tenantId],
  );
  return rows;
}

/** Groups by ids or names; a name may be several groups'. */
async function readGroups(tx: TenantTransaction, named: readonly string[]) {
  const { rows } = await tx.client.query<{ groupId: string; displayName: string }>(
    `select group_id as "groupId", display_name as "displayName" from groups
      where tenant_id = $1 and (group_id = any($2::uuid[]) or lower(display_name) = any(
        select lower(display_name) from groups where tenant_id = $1 and group_id = any($2::uuid[])
        union select lower(name) from unnest($3::text[]) as name))`,
    [tx.tenantId, named.filter((name) => GUID.test(name)), named.filter((name) => !GUID.test(name))],
  );
  return rows;
}

async function readGroupLicenses(tx: TenantTransaction): Promise<GroupLicense[]> {
  const { rows } = await tx.client.query<GroupLicense>(
    `select group_id as "groupId", sku_id as "skuId", disabled_plans::text[] as "disabledPlans"
       from group_licenses where tenant_id = $1 order by group_id, assigned_at, sku_id`,
    [tx.tenantId],
  );
  return rows;
}

async function readUsers(tx: TenantTransaction, named: readonly string[]) {
  const { rows } = await tx.client.query<{ userId: string; userPrincipalName: string }>(
    `select user_id as "userId", user_principal_name as "userPrincipalName" from users
      where tenant_id = $1 and (user_id = any($2::uuid[])
        or lower(user_principal_name) = any(select lower(name) from unnest($3::text[]) as name))`,
    [tx.tenantId, named.filter((name) => GUID.test(name)), named],
  );
  return rows;
}

async function readMembers(tx: TenantTransaction): Promise<RoleMember[]> {
  const { rows } = await tx.client.query<{ role_id: string; userId: string; userPrincipalName: string }>(
    `select m.role_id, m.user_id as "userId", u.user_principal_name as "userPrincipalName"
       from directory_role_members m
       join users u on u.tenant_id = m.tenant_id and u.user_id = m.user_id
      where m.tenant_id = $1
      order by lower(u.user_principal_name)`,
    [tx.tenantId],
  );
  return rows.flatMap(({ role_id, ...user }) => {
    const role = findRole(role_id);
    return role ? [{ role, ...user }] : [];
  });
}
