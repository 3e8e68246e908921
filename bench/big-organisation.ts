import type pg from 'pg';
import { growTenant, type Growth } from './grown-rows.ts';
import { setUpApp, setUpOrganisation, type ApiClient, type BenchApp } from './organisation.ts';
import { insertPeople, FIRST_NUMBER, idSql } from './people.ts';

/** How big it is; 100,000 users, 1,000 groups and 600 products are what the pages are made for. */
export interface Size {
  readonly users: number;
  readonly groups: number;
  readonly products: number;
  readonly licenses: number;
}

const MEMBERS_PER_GROUP = 100;
const PLANS_PER_PRODUCT = 8;
const APPS = ['Mail', 'Files', 'Forms', 'Board', 'Notes'];

/** Fills a tenant: apps with policies, claims of 90 days, groups with members, and products of which each was bought. */
export async function furnishBigOrganisation(
  pool: pg.Pool,
  client: ApiClient,
  { users, groups, products, licenses }: Size,
): Promise<{ app: BenchApp; groupId: string; userId: string }> {
  const { tenantId } = client;
  const { token } = await setUpOrganisation(client, users);
  const apps: Growth['apps'][number][] = [];
  for (const name of APPS) apps.push({ ...(await setUpApp(client, token, name, users)), name });
  await insertPeople(pool, tenantId, users);
  // Together with those of the apps.
  await insertProducts(pool, tenantId, products - APPS.length - 2);
  const groupId = await insertGroups(pool, tenantId, groups, users);
  await growTenant(pool, { tenantId, apps, people: users, licenses });
  const { rows } = await pool.query<{ id: string }>(`select ${idSql('$1::bigint')} as id`, [FIRST_NUMBER]);
  return { app: apps[0]!, groupId, userId: rows[0]!.id };
}

async function insertProducts(pool: pg.Pool, tenantId: string, count: number): Promise<void> {
  const statements = [
    `create temp table new_products on commit drop as
     select gen_random_uuid() as sku_id, n from generate_series(1, $2::integer) as n where $1::uuid is not null`,
    `insert into products (tenant_id, sku_id, sku_part_number, display_name, created_at)
     select $1, sku_id, 'PRODUCT_' || n, 'Product ' || n, now() from new_products where $2::integer > 0`,
    `insert into product_plans (tenant_id, sku_id, service_plan_id, service_plan_name, friendly_name, position)
     select $1, sku_id, gen_random_uuid(), 'PLAN_' || n || '_' || m, 'Plan ' || m || ' of product ' || n, m
       from new_products, generate_series(1, ${PLANS_PER_PRODUCT}) as m where $2::integer > 0`,
    `insert into subscriptions (tenant_id, subscription_id, sku_id, total_licenses, created_at)
     select $1, gen_random_uuid(), sku_id, 10 * n, now() from new_products where $2::integer > 0`,
    `insert into pools (tenant_id, sku_id, is_usable, enabled, warning, suspended)
     select $1, sku_id, true, 10 * n, 0, 0 from new_products where $2::integer > 0`,
  ];
  const connection = await pool.connect();
  try {
    await connection.query('begin');
    for (const statement of statements) await connection.query(statement, [tenantId, count]);
    await connection.query('commit');
  } finally {
    connection.release();
  }
  await pool.query('analyze products, product_plans, subscriptions, pools');
}

/** @returns the id of one of them */
async function insertGroups(pool: pg.Pool, tenantId: string, count: number, users: number): Promise<string> {
  const { rows } = await pool.query<{ id: string }>(
    `with made as (
       insert into groups (tenant_id, group_id, display_name, mail_nickname, created_at)
       select $1, gen_random_uuid(), 'Group ' || n, 'group' || n, now() from generate_series(1, $2::integer) as n
       returning group_id
     )
     select group_id as id from made`,
    [tenantId, count],
  );
  await pool.query(
    `insert into group_users (tenant_id, group_id, user_id, added_at)
     select $1, g.group_id, ${idSql(`${FIRST_NUMBER} + (g.n * ${MEMBERS_PER_GROUP} + m) % $2::bigint`)}, now()
       from (select group_id, row_number() over () as n from groups where tenant_id = $1) as g,
            generate_series(1, ${MEMBERS_PER_GROUP}) as m`,
    [tenantId, users],
  );
  await pool.query('vacuum analyze groups, group_users');
  return rows[0]!.id;
}
