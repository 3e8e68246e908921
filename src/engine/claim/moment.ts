import type pg from 'pg';
import { licensesOf, PATH_JSON, PRODUCT_JSON, type LicensedProduct, type PathJson } from '../license/held.ts';
import type { AppFacts, Facts, PolicyFacts, UserFacts } from './facts.ts';

/** Who signs in to what, as the door was told. Either a user's id or their principal name. */
export interface Ask {
  readonly appId: string;
  readonly userId: string | null;
  readonly userPrincipalName: string | null;
}

/** All facts about a number of sign-ins, of one moment. Decisions change it as they are made, so that the next sees them. */
export interface Moment {
  readonly now: Date;
  /** Products whose pool is past a lifecycle date: its units must be moved before anything is decided. */
  readonly duePools: readonly string[];
  readonly isAutoClaimEnabled: boolean;
  readonly defaultUsageLocation: string | null;
  readonly apps: ReadonlyMap<string, AppFacts>;
  readonly policies: ReadonlyMap<string, readonly PolicyFacts[]>;
  readonly products: Map<string, LicensedProduct>;
  readonly users: Map<string, UserFacts>;
  /** For each ask, in order: the user it means. */
  readonly userIds: readonly (string | null)[];
}

/** The facts about one of a moment's asks. */
export function factsOf(moment: Moment, ask: Ask, index: number): Facts {
  const userId = moment.userIds[index];
  return {
    app: moment.apps.get(ask.appId) ?? null,
    user: (userId && moment.users.get(userId)) || null,
    isAutoClaimEnabled: moment.isAutoClaimEnabled,
    defaultUsageLocation: moment.defaultUsageLocation,
    policies: moment.policies.get(ask.appId) ?? [],
    products: moment.products,
  };
}

const USER_COLUMNS = 'user_id, user_principal_name, display_name, user_type, is_account_enabled, usage_location';

// One statement, so one snapshot: what it reads agrees with itself also without a lock. Users are
// probed one by one: scalar subqueries, and lateral ones that aggregate or have a limit, are never
// made into joins, and a join's plan read all of a tenant's licenses where statistics were missing or old.
// The asks come as JSON, since the planner guesses an array's length from its value and then plans
// the statement anew each time, which takes longer than running it for one ask.
// Indexes: users' primary key and users_by_principal_name; the primary keys of apps, policies,
// products, product_plans, pools and assignment_paths; group_users_by_user; group_groups' primary key.
const STATEMENT = `
with recursive asked as materialized (
  select a.n, a.app_id, u.*
    from rows from (json_to_recordset($2::json) as (app_id uuid, user_id uuid, name text))
         with ordinality as a(app_id, asked_id, name, n)
         left join lateral (
           (select ${USER_COLUMNS} from users where tenant_id = $1 and user_id = a.asked_id limit 1)
            union all
           (select ${USER_COLUMNS} from users
             where tenant_id = $1 and a.asked_id is null and lower(user_principal_name) = lower(a.name) limit 1)
            limit 1) as u on true
), wanted as materialized (
  select policy_id, app_id, display_name, is_enabled, position, products, include_groups, exclude_groups, include_guests
    from policies where tenant_id = $1 and app_id = any(array(select distinct app_id from asked))
), named as (
  select distinct unnest(include_groups || exclude_groups) as group_id from wanted where is_enabled
), nested (root, group_id) as (
  select group_id, group_id from named
  union
  select nested.root, g.member_group_id
    from nested join group_groups g on g.tenant_id = $1 and g.group_id = nested.group_id
), people as materialized (
  select who.*, held.sku_ids, held.paths
    from (select distinct on (user_id) ${USER_COLUMNS} from asked where user_id is not null order by user_id) as who,
         lateral (select array_agg(p.sku_id) as sku_ids, json_agg(${PATH_JSON}) as paths
                    from assignment_paths p where p.tenant_id = $1 and p.user_id = who.user_id) as held
), concerned as materialized (
  select unnest(sku_ids) as sku_id from people
  union
  select (p ->> 'skuId')::uuid from wanted, jsonb_array_elements(products) p
)
select date_trunc('milliseconds', clock_timestamp()) as now,
       (select json_build_object('isAutoClaimEnabled', is_auto_claim_enabled, 'defaultUsageLocation', default_usage_location)
          from tenants where tenant_id = $1) as setting,
       (select coalesce(json_agg(json_build_object('appId', app_id, 'displayName', display_name,
                                                   'requiredPlans', to_json(required_service_plan_ids))), '[]')
          from apps where tenant_id = $1 and app_id = any(array(select distinct app_id from asked))) as apps,
       (select coalesce(json_agg(json_build_object('policyId', policy_id, 'appId', app_id, 'displayName', display_name,
                 'isEnabled', is_enabled, 'products', products, 'includeGroups', to_json(include_groups),
                 'excludeGroups', to_json(exclude_groups), 'includeGuests', include_guests) order by position), '[]')
          from wanted) as policies,
       (select coalesce(json_agg(${PRODUCT_JSON}), '[]')
          from products t left join pools o on o.tenant_id = $1 and o.sku_id = t.sku_id
         where t.tenant_id = $1 and t.sku_id = any(array(select sku_id from concerned))) as products,
       (select coalesce(json_agg(sku_id), '[]') from pools
         where tenant_id = $1 and valid_until <= clock_timestamp()
           and sku_id = any(array(select sku_id from concerned))) as due,
       (select coalesce(json_agg(json_build_object(
                 'userId', user_id, 'userPrincipalName', user_principal_name, 'displayName', display_name,
                 'isGuest', user_type = 'Guest', 'isAccountEnabled', is_account_enabled, 'usageLocation', usage_location,
                 'groups', case when exists (select from nested)
                                then (select coalesce(json_agg(distinct nested.root), '[]')
                                        from group_users m join nested on nested.group_id = m.group_id
                                       where m.tenant_id = $1 and m.user_id = people.user_id)
                                else '[]' end,
                 'paths', coalesce(paths, '[]'))), '[]')
          from people) as users,
       (select json_agg(user_id order by n) from asked) as user_ids`;

interface MomentRow {
  now: Date;
  setting: { isAutoClaimEnabled: boolean; defaultUsageLocation: string | null };
  apps: AppFacts[];
  policies: (PolicyFacts & { appId: string })[];
  products: LicensedProduct[];
  due: string[];
  users: (Omit<UserFacts, 'groups' | 'licenses'> & { groups: string[]; paths: PathJson[] })[];
  user_ids: (string | null)[];
}

/** Reads all that the decisions on some sign-ins look at, in one statement. */
export async function readMoment(
  client: Pick<pg.ClientBase, 'query'>,
  tenantId: string,
  asks: readonly Ask[],
): Promise<Moment> {
  const { rows } = await client.query<MomentRow>({
    name: 'read-moment',
    text: STATEMENT,
    values: [
      tenantId,
      JSON.stringify(
        asks.map(({ appId, userId, userPrincipalName: name }) => ({ app_id: appId, user_id: userId, name })),
      ),
    ],
  });
  const row = rows[0]!;
  return {
    now: row.now,
    duePools: row.due,
    ...row.setting,
    apps: new Map(row.apps.map((app) => [app.appId, app])),
    policies: Map.groupBy(row.policies, (policy) => policy.appId),
    products: new Map(row.products.map((product) => [product.skuId, product])),
    users: new Map(
      row.users.map(({ groups, paths, ...user }) => [
        user.userId,
        { ...user, groups: new Set(groups), licenses: licensesOf(paths) },
      ]),
    ),
    userIds: row.user_ids,
  };
}
