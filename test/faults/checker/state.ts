import type pg from 'pg';

// The database as the checker sees it: the tables' own rows, read by statements of the checker's own.

export interface StoredPolicy {
  readonly policy_id: string;
  readonly app_id: string;
  readonly is_enabled: boolean;
  readonly position: number;
  /** skuIds, in order. */
  readonly products: readonly string[];
  readonly include_groups: readonly string[];
}

export interface StoredClaim {
  readonly claim_id: string;
  readonly claimed_at: Date;
  readonly user_id: string;
  readonly app_id: string;
  readonly sku_id: string;
  readonly policy_id: string;
  readonly is_backup: boolean;
}

export interface StoredPath {
  readonly user_id: string;
  readonly sku_id: string;
  readonly kind: 'direct' | 'group' | 'policy';
  readonly source_id: string;
  readonly policy_id: string | null;
  readonly claim_id: string | null;
  readonly is_backup: boolean | null;
}

interface StoredSignIn {
  readonly sign_in_id: string;
  readonly decided_at: Date;
  readonly outcome: string;
  readonly reason: string | null;
  readonly user_id: string | null;
  readonly app_id: string;
  readonly claim_id: string | null;
}

/** All of a tenant that the checker looks at, of one moment. */
export interface TenantState {
  readonly isSwitchOn: boolean;
  readonly users: ReadonlySet<string>;
  /** Direct members; the checker knows no nested groups. */
  readonly members: ReadonlyMap<string, ReadonlySet<string>>;
  /** The products that have a service plan which the app requires, by app. */
  readonly productsOfApps: ReadonlyMap<string, ReadonlySet<string>>;
  readonly subscriptions: ReadonlyMap<string, { sku_id: string; total_licenses: number }>;
  readonly pools: ReadonlyMap<string, { enabled: number; warning: number; suspended: number; consumed: number }>;
  readonly policies: ReadonlyMap<string, StoredPolicy>;
  readonly licenses: readonly { user_id: string; sku_id: string }[];
  readonly paths: readonly StoredPath[];
  readonly claims: ReadonlyMap<string, StoredClaim>;
  readonly signIns: ReadonlyMap<string, StoredSignIn>;
  readonly audit: readonly { activity: string; correlation_id: string | null; claim_id: string | null }[];
}

/** Some tenants, of one moment. */
export interface State {
  /** On the history's clock. */
  readonly takenAt: number;
  readonly tenants: ReadonlyMap<string, TenantState>;
}

/** Reads tenants in one snapshot. @param clock the history's */
export async function readState(pool: pg.Pool, tenantIds: readonly string[], clock: () => number): Promise<State> {
  const client = await pool.connect();
  try {
    await client.query('begin isolation level repeatable read read only');
    const tenants = new Map<string, TenantState>();
    for (const tenantId of tenantIds) tenants.set(tenantId, await readTenant(client, tenantId));
    await client.query('commit');
    return { takenAt: clock(), tenants };
  } finally {
    client.release();
  }
}

async function readTenant(client: pg.ClientBase, tenantId: string): Promise<TenantState> {
  const rows = async <Row extends object>(statement: string): Promise<Row[]> =>
    (await client.query<Row>(statement, [tenantId])).rows;
  const [tenant] = await rows<{ on: boolean }>('select is_auto_claim_enabled as on from tenants where tenant_id = $1');
  const users = await rows<{ user_id: string }>('select user_id from users where tenant_id = $1');
  const members = await rows<{ group_id: string; user_id: string }>(
    'select group_id, user_id from group_users where tenant_id = $1',
  );
  const products = await rows<{ app_id: string; sku_id: string }>(
    `select distinct a.app_id, p.sku_id from apps a join product_plans p on p.tenant_id = a.tenant_id
      where a.tenant_id = $1 and p.service_plan_id = any(a.required_service_plan_ids)`,
  );
  const pools = await rows<{ sku_id: string; enabled: number; warning: number; suspended: number; consumed: number }>(
    `select sku_id, enabled::int, warning::int, suspended::int, consumed::int from pools where tenant_id = $1`,
  );
  return {
    isSwitchOn: tenant!.on,
    users: new Set(users.map((row) => row.user_id)),
    members: setsOf(members.map((row) => [row.group_id, row.user_id])),
    productsOfApps: setsOf(products.map((row) => [row.app_id, row.sku_id])),
    pools: new Map(pools.map((row) => [row.sku_id, row])),
    subscriptions: keyed(
      await rows<{ subscription_id: string; sku_id: string; total_licenses: number }>(
        'select subscription_id, sku_id, total_licenses from subscriptions where tenant_id = $1 and not is_removed',
      ),
      (row) => row.subscription_id,
    ),
    policies: keyed(
      await rows<StoredPolicy>(
        `select policy_id, app_id, is_enabled, position, include_groups,
                array(select p ->> 'skuId' from jsonb_array_elements(products) with ordinality as e(p, n) order by n) as products
           from policies where tenant_id = $1`,
      ),
      (row) => row.policy_id,
    ),
    licenses: await rows('select user_id, sku_id from licenses where tenant_id = $1'),
    paths: await rows(
      `select user_id, sku_id, kind, source_id, policy_id, claim_id, is_backup from assignment_paths where tenant_id = $1`,
    ),
    claims: keyed(
      await rows<StoredClaim>(
        'select claim_id, claimed_at, user_id, app_id, sku_id, policy_id, is_backup from claims where tenant_id = $1',
      ),
      (row) => row.claim_id,
    ),
    signIns: keyed(
      await rows<StoredSignIn>(
        'select sign_in_id, decided_at, outcome, reason, user_id, app_id, claim_id from sign_ins where tenant_id = $1',
      ),
      (row) => row.sign_in_id,
    ),
    audit: await rows(
      `select activity, correlation_id,
              (select d ->> 'value' from jsonb_array_elements(details) d where d ->> 'key' = 'ClaimId') as claim_id
         from audit_entries where tenant_id = $1`,
    ),
  };
}

function keyed<Row>(rows: readonly Row[], keyOf: (row: Row) => string): Map<string, Row> {
  return new Map(rows.map((row) => [keyOf(row), row]));
}

function setsOf(pairs: readonly (readonly [string, string])[]): Map<string, Set<string>> {
  const sets = new Map<string, Set<string>>();
  for (const [key, value] of pairs) sets.set(key, (sets.get(key) ?? new Set()).add(value));
  return sets;
}
