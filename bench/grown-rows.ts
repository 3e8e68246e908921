import type pg from 'pg';
import { CLAIM_TABLES } from './claim-tables.ts';
import type { BenchApp } from './organisation.ts';
import { idSql, nameSql, personAtSql } from './people.ts';

/** What a tenant grows to, over the 90 days before now. */
export interface Growth {
  readonly tenantId: string;
  /** The apps that people have claimed for, each once: at least licenses / people of them. */
  readonly apps: readonly (BenchApp & { readonly name: string })[];
  readonly people: number;
  /** Also the number of claims. */
  readonly licenses: number;
}

/** For each ten claims a refusal. */
const CLAIMS_PER_REFUSAL = 10;

/**
 * Writes licenses as the claims of 90 days would have left them, with their paths, audit entries
 * and sign-ins; in SQL, as the claims themselves would take hours. Indexes are made afterwards.
 * @param pool of at least two connections
 */
export async function growTenant(pool: pg.Pool, growth: Growth): Promise<void> {
  const rebuild = await dropIndexes(pool, CLAIM_TABLES);
  const values = [
    growth.tenantId,
    JSON.stringify(growth.apps.map(({ appId, skuId, policyId, name }, k) => ({ k, appId, skuId, policyId, name }))),
    growth.people,
    growth.licenses,
  ];
  const lists = [
    ['licenses', 'assignment_paths', 'audit_entries'],
    ['claims', 'sign_ins', 'refusals'],
  ] as const;
  const insert = async (names: readonly (keyof typeof SELECTIONS)[]) => {
    for (const name of names) await pool.query(`${history(growth)} ${SELECTIONS[name]}`, values);
  };
  await Promise.all(lists.map(insert));
  await rebuild();
  for (const { skuId } of growth.apps) {
    await pool.query(
      `update pools set consumed = (select count(*) from licenses where tenant_id = $1 and sku_id = $2)
        where tenant_id = $1 and sku_id = $2`,
      [growth.tenantId, skuId],
    );
  }
  for (const table of [...CLAIM_TABLES, 'pools']) await pool.query(`vacuum analyze ${table}`);
  await pool.query('checkpoint');
}

/**
 * The claims in the order of their time: who, which app ($2), when. Ids begin with the time, as
 * those that the server makes.
 */
function history({ apps }: Growth): string {
  return `
    with apps as (
      select * from jsonb_to_recordset($2::jsonb) as a(k integer, "appId" uuid, "skuId" uuid, "policyId" uuid, name text)
    ), turns as (
      select i, (i % ${apps.length})::integer as k, ${personAtSql('i / ' + String(apps.length), '$3::bigint')} as person,
             date_trunc('milliseconds', now() - interval '1 minute' - (interval '2158 hours' * (($4::bigint - i) / $4::float8))) as at
        from generate_series(0, $4::bigint - 1) as i
    ), history as (
      select i, at, ${idSql('person')} as user_id, ${nameSql('person')} as user_name, 'Person ' || person as display_name,
             "appId" as app_id, "skuId" as sku_id, "policyId" as policy_id, name,
             (lpad(to_hex((extract(epoch from at) * 1000)::bigint), 12, '0') || '7' || lpad(to_hex(i % 4096), 3, '0')
              || '8' || lpad(to_hex(i), 15, '0'))::uuid as id
        from turns join apps using (k)
    )`;
}

const SELECTIONS = {
  licenses: `
    insert into licenses (tenant_id, user_id, sku_id, created_at) select $1, user_id, sku_id, at from history`,
  assignment_paths: `
    insert into assignment_paths (tenant_id, user_id, sku_id, kind, source_id, policy_id, claim_id, is_backup, modified_at)
    select $1, user_id, sku_id, 'policy', app_id, policy_id, id, false, at from history`,
  claims: `
    insert into claims (tenant_id, claim_id, claimed_at, user_id, user_principal_name, user_display_name, policy_id,
                        policy_display_name, app_id, app_display_name, sku_id, sku_part_number, product_display_name, is_backup)
    select $1, id, at, user_id, user_name, display_name, policy_id, name || ' for everyone', app_id, name, sku_id,
           upper(name) || '_SUITE', name || ' suite', false
      from history`,
  sign_ins: `
    insert into sign_ins (tenant_id, sign_in_id, decided_at, user_id, user_principal_name, user_display_name, app_id,
                          app_display_name, client_id, outcome, sku_id, policy_id, claim_id)
    select $1, id, at, user_id, user_name, display_name, app_id, name, 'bench', 'claimed', sku_id, policy_id, id
      from history`,
  refusals: `
    insert into sign_ins (tenant_id, sign_in_id, decided_at, user_id, user_principal_name, user_display_name, app_id,
                          app_display_name, client_id, outcome, reason)
    select $1, gen_random_uuid(), at, user_id, user_name, display_name, app_id, name, 'bench', 'refused',
           (array['noSeats', 'notInAudience', 'usageLocation'])[1 + i / ${CLAIMS_PER_REFUSAL} % 3]
      from history where i % ${CLAIMS_PER_REFUSAL} = 0`,
  audit_entries: `
    insert into audit_entries (tenant_id, audit_id, happened_at, category, activity, operation, actor, target_type,
                               target_id, target_name, changes, details)
    select $1, id, at, 'UserManagement', 'Claim license', 'Assign',
           '{"kind": "application", "appId": "00000000-0000-4000-8000-000000000001", "displayName": "bench"}',
           'User', user_id::text, user_name,
           jsonb_build_array(jsonb_build_object('name', 'assignmentPath', 'before', null, 'after', jsonb_build_object(
             'skuId', sku_id, 'policyId', policy_id, 'claimId', id, 'disabledPlans', '[]'::jsonb))),
           jsonb_build_array(jsonb_build_object('key', 'Policy', 'value', name || ' for everyone'),
             jsonb_build_object('key', 'App', 'value', name), jsonb_build_object('key', 'Product', 'value', upper(name) || '_SUITE'),
             jsonb_build_object('key', 'ClaimId', 'value', id))
      from history`,
};

/** Drops the tables' keys and indexes. @returns what makes them again */
async function dropIndexes(pool: pg.Pool, tables: readonly string[]): Promise<() => Promise<void>> {
  const { rows: keys } = await pool.query<{ table: string; name: string; definition: string }>(
    `select conrelid::regclass::text as table, conname as name, pg_get_constraintdef(oid) as definition
       from pg_constraint where conrelid = any($1::regclass[]) and contype in ('p', 'u', 'f')
      order by contype desc`, // a foreign key needs the key that it points to
    [tables],
  );
  const { rows: indexes } = await pool.query<{ name: string; definition: string }>(
    `select indexname as name, indexdef as definition from pg_indexes
      where schemaname = 'public' and tablename = any($1) and indexname <> all($2)`,
    [tables, keys.map(({ name }) => name)],
  );
  for (const { table, name } of keys.toReversed()) await pool.query(`alter table ${table} drop constraint ${name}`);
  for (const { name } of indexes) await pool.query(`drop index ${name}`);
  return async () => {
    const client = await pool.connect();
    try {
      await client.query("set maintenance_work_mem = '512MB'");
      for (const { table, name, definition } of keys) {
        await client.query(`alter table ${table} add constraint ${name} ${definition}`);
      }
      for (const { definition } of indexes) await client.query(definition);
    } finally {
      client.release(true);
    }
  };
}
