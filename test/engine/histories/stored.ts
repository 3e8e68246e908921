import { claimRows } from '../../../src/engine/report/claim-rows.ts';
import type { Tenancy } from '../../../src/engine/tenant/tenancy.ts';
import { productOf, type Organisation, type Path } from '../model/organisation.ts';
import { allSeats, consumed, usableSeats, wasBought } from '../model/purchases.ts';
import { sourceOf } from '../model/seats.ts';

// The whole state of an organisation in one form, from the database and from the model.

interface StoredPath {
  kind: Path['kind'];
  source_id: string;
  disabled_plans: string[];
  policy_id: string | null;
  claim_id: string | null;
  is_backup: boolean | null;
}

/** One statement: one snapshot. Units of a pool that is past a lifecycle date are null: they are due to be moved. */
const STATE = `
select (select json_build_object('isOn', is_auto_claim_enabled, 'location', default_usage_location) from tenants where tenant_id = $1) as setting,
       (select coalesce(json_agg(json_build_array(user_id, is_account_enabled, user_type, usage_location) order by user_id), '[]')
          from users where tenant_id = $1) as people,
       (select coalesce(json_agg(json_build_array(group_id,
                 array(select user_id from group_users u where u.tenant_id = $1 and u.group_id = g.group_id
                       union all select member_group_id from group_groups n where n.tenant_id = $1 and n.group_id = g.group_id order by 1)) order by group_id), '[]')
          from groups g where tenant_id = $1) as groups,
       (select coalesce(json_agg(json_build_array(sku_id, consumed,
                 case when valid_until is null or valid_until > clock_timestamp() then json_build_array(enabled + warning, enabled + warning + suspended) end) order by sku_id), '[]')
          from pools where tenant_id = $1) as pools,
       (select coalesce(json_agg(json_build_array(subscription_id, total_licenses, is_removed) order by subscription_id), '[]')
          from subscriptions where tenant_id = $1) as purchases,
       (select coalesce(json_agg(json_build_array(app_id, required_service_plan_ids) order by app_id), '[]') from apps where tenant_id = $1) as apps,
       (select coalesce(json_agg(json_build_array(sku_id, prohibited_usage_locations) order by sku_id), '[]') from products where tenant_id = $1) as products,
       (select coalesce(json_agg(json_build_array(app_id, position, policy_id, display_name, is_enabled, products, include_groups, exclude_groups, include_guests) order by app_id, position), '[]')
          from policies where tenant_id = $1) as policies,
       (select coalesce(json_agg(json_build_array(user_id, sku_id,
                 (select json_agg(p) from assignment_paths p where p.tenant_id = $1 and p.user_id = l.user_id and p.sku_id = l.sku_id)) order by user_id, sku_id), '[]')
          from licenses l where tenant_id = $1) as licenses,
       (select coalesce(json_agg(json_build_array(group_id, sku_id, disabled_plans) order by group_id, sku_id), '[]') from group_licenses where tenant_id = $1) as given,
       (select coalesce(json_agg(json_build_array(user_id, group_id, sku_id, error) order by user_id, group_id, sku_id), '[]')
          from group_license_errors where tenant_id = $1) as "groupErrors",
       (select count(*) from group_licensing_queue where tenant_id = $1) as queued`;

type Stored = Record<'setting' | 'people' | 'groups' | 'purchases' | 'apps' | 'products' | 'policies', unknown> & {
  queued: number;
  given: [string, string, string[]][];
  groupErrors: [string, string, string, string][];
  pools: [string, number, [number, number] | null][];
  licenses: [string, string, StoredPath[] | null][];
};

/** What the database has of an organisation. */
export async function storedState({ db, tenantId }: Tenancy) {
  const { rows } = await db.pool.query<Stored>({ name: 'state', text: STATE, values: [tenantId] });
  const { licenses, given, ...rest } = rows[0]!;
  const claims = await db.query.selectFrom(claimRows(tenantId)).selectAll().execute();
  return {
    ...rest,
    given: given.map(([groupId, skuId, without]) => [groupId, skuId, without.toSorted()]),
    licenses: licenses.map(([userId, skuId, paths]) => [userId, skuId, sorted((paths ?? []).map(plainPath))]),
    claims: byId(
      (claims as unknown as Record<string, unknown>[]).map((row) => [
        row['claim_id'],
        row['user_id'],
        row['user_principal_name'],
        row['app_id'],
        row['sku_id'],
        row['sku_part_number'],
        row['policy_id'],
        row['policy_display_name'],
        row['is_backup'],
      ]),
    ),
  };
}

function plainPath(row: StoredPath): Path {
  const without = row.disabled_plans;
  switch (row.kind) {
    case 'direct':
      return { kind: 'direct', without };
    case 'group':
      return { kind: 'group', groupId: row.source_id, without };
    case 'policy':
      return {
        kind: 'policy',
        appId: row.source_id,
        policyId: row.policy_id!,
        claimId: row.claim_id!,
        isBackup: row.is_backup!,
        without,
      };
  }
}

/** What the model has of it. */
export function modelState(organisation: Organisation): Awaited<ReturnType<typeof storedState>> {
  const { people, groups, products, purchases, apps, policies, licenses, claims } = organisation;
  const bought = products.map(({ skuId }) => skuId).filter((skuId) => wasBought(organisation, skuId));
  return {
    setting: { isOn: organisation.isAutoClaimOn, location: organisation.defaultLocation },
    people: byId(
      people
        .filter(({ isDeleted }) => !isDeleted)
        .map(({ id, isBlocked, isGuest, location }) => [id, !isBlocked, isGuest ? 'Guest' : 'Member', location]),
    ),
    groups: byId([...groups].map(([id, members]) => [id, [...members].sort()])),
    pools: bought.sort().map((skuId) => {
      const units: [number, number] = [usableSeats(organisation, skuId), allSeats(organisation, skuId)];
      return [skuId, consumed(organisation, skuId), units];
    }),
    purchases: byId(purchases.map(({ id, quantity, isSettled }) => [id, quantity, isSettled])),
    apps: byId(apps.map(({ id, requires }) => [id, requires])),
    products: byId(products.map(({ skuId, prohibitedIn }) => [skuId, prohibitedIn])),
    policies: apps
      .map(({ id }) => id)
      .sort()
      .flatMap((appId) =>
        policies
          .filter((policy) => policy.appId === appId)
          .map(({ id, name, isOn, products: own, include, exclude, guests }, index) => [
            appId,
            index + 1,
            id,
            name,
            isOn,
            own.map(({ skuId, without }) => ({ skuId, disabledPlans: without })),
            include,
            exclude,
            guests,
          ]),
      ),
    given: [...organisation.given]
      .flatMap(([groupId, gifts]) =>
        [...gifts].map(([skuId, without]): [string, string, string[]] => [groupId, skuId, without.toSorted()]),
      )
      .sort((one, other) => (String(one.slice(0, 2)) < String(other.slice(0, 2)) ? -1 : 1)),
    groupErrors: organisation.groupErrors
      .map(({ userId, groupId, skuId, error }): [string, string, string, string] => [userId, groupId, skuId, error])
      .sort((one, other) => (String(one) < String(other) ? -1 : 1)),
    queued: 0,
    licenses: licenses
      .map(({ userId, skuId, paths }) => [userId, skuId, sorted(paths)] as [string, string, Path[]])
      .sort(([user, sku], [otherUser, otherSku]) => (user + sku < otherUser + otherSku ? -1 : 1)),
    claims: byId(
      claims.map(({ id, userId, appId, skuId, policyId, policyName, isBackup }) => [
        id,
        userId,
        people.find((person) => person.id === userId)!.principalName,
        appId,
        skuId,
        productOf(organisation, skuId).partNumber,
        policyId,
        policies.find((policy) => policy.id === policyId)?.name ?? policyName,
        isBackup,
      ]),
    ),
  };
}

/** The same without the units of pools that the database has yet to move. */
export function withoutDue<T extends Pick<Stored, 'pools'>>(state: T, { pools }: Pick<Stored, 'pools'>): T {
  const due = pools.filter(([, , units]) => units === null).map(([skuId]) => skuId);
  return {
    ...state,
    pools: state.pools.map(([skuId, used, units]) => [skuId, used, due.includes(skuId) ? null : units]),
  };
}

function sorted(paths: readonly Path[]): Path[] {
  return paths
    .map((path) => ({ ...path, without: [...path.without].sort() }))
    .sort((one, other) => (sourceOf(one) < sourceOf(other) ? -1 : 1));
}

function byId<T extends readonly unknown[]>(rows: readonly T[]): T[] {
  return rows.toSorted((one, other) => (String(one[0]) < String(other[0]) ? -1 : 1));
}
