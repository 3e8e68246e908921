import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type pg from 'pg';
import { createTestDatabase, type TestDatabase } from '../harness/database.ts';
import { analyse } from './analyse.ts';
import { whyNotRouted, type TableKinds } from './routing.ts';
import { readTableKinds } from './table-kinds.ts';
import { readVolatilities, whyNotWritten, type Volatilities } from './volatility.ts';

// The check of statements is itself checked: with statements that Citus can't run, or not on one
// shard, and with good ones that look like them.

let db: TestDatabase;
let client: pg.PoolClient;
let tables: TableKinds;
let volatilities: Volatilities;
before(async () => {
  db = await createTestDatabase();
  client = await db.pool.connect();
  tables = await readTableKinds(client);
  volatilities = await readVolatilities(client);
});
after(async () => {
  client.release();
  await db.close();
});

async function faultsOf(text: string, values?: readonly unknown[]): Promise<string[]> {
  const tree = await analyse(client, text, values);
  return [...whyNotRouted(tree, tables, values), ...whyNotWritten(tree, tables, volatilities)];
}

const [ONE, OTHER] = ['01900000-0000-7000-8000-00000000000a', '01900000-0000-7000-8000-00000000000b'];
const USER = 'insert into users (tenant_id, user_id, user_principal_name, display_name, created_at)';

describe('the check of statements', () => {
  for (const [text, ...values] of [
    ['select from users where tenant_id = $1 and user_id = $2'],
    ['select from users u join licenses l using (tenant_id, user_id) where l.tenant_id = $1'],
    ['select from users u left join licenses l on l.tenant_id = u.tenant_id where u.tenant_id = $1'],
    ['select from users u where $1 = u.tenant_id and exists (select from licenses l where l.tenant_id = u.tenant_id)'],
    ['select (select count(*) from licenses l where l.tenant_id = u.tenant_id) from users u where u.tenant_id = $1'],
    ['with u as (select * from users where tenant_id = $1) select from u join licenses l on l.tenant_id = u.tenant_id'],
    [
      'select from (select tenant_id from users where tenant_id = $1 group by tenant_id) u join pools p using (tenant_id)',
    ],
    ['select tenant_id, count(*) from users where tenant_id = $1 group by tenant_id'],
    ['select from users where tenant_id = $1 for no key update'],
    [`${USER} values ($1, $2, 'a', 'A', now())`],
    [`${USER} values ($1, $2, 'a', 'A', now()), ($3, $4, 'b', 'B', now())`, ONE, OTHER, ONE, ONE],
    [`${USER} select $1, r.id, 'a', 'A', clock_timestamp() from unnest($2::uuid[]) as r(id)`],
    ['update users set user_principal_name = user_id::text where tenant_id = $1'],
    ['update users u set city = $2 from licenses l where l.tenant_id = u.tenant_id and u.tenant_id = $1'],
    ['delete from users where tenant_id = $1 and created_at < $2'],
    ['select from client_ids where client_id = $1'],
    ['insert into client_ids values ($1, $2) on conflict do nothing'],
  ] as const) {
    it(`lets through: ${text}`, async () => {
      assert.deepEqual(await faultsOf(text, values.length > 0 ? values : undefined), []);
    });
  }

  const NO_TENANT = /bound to no tenant/;
  for (const [text, fault, ...values] of [
    ['select from users where user_id = $1', NO_TENANT],
    ['select from users', NO_TENANT],
    ['select from users where tenant_id = $1 or user_id = $2', NO_TENANT],
    ['select from users where tenant_id <> $1', NO_TENANT],
    ['select from users where tenant_id = any($1)', NO_TENANT],
    ['select from users where not (tenant_id = $1)', NO_TENANT],
    ['select from users where tenant_id = user_id', NO_TENANT],
    ['select from users u, licenses l where u.tenant_id = $1', /^licenses l is bound to no tenant/],
    ['select from users u join licenses l using (user_id) where u.tenant_id = $1', /^licenses l is bound/],
    ['select from users u left join licenses l on u.tenant_id = $1 and l.tenant_id = $1', /^users u is bound/],
    ['select from users u full join licenses l on u.tenant_id = l.tenant_id and u.tenant_id = $1', NO_TENANT],
    ['select from users where tenant_id = $1 and exists (select from licenses)', /^licenses is bound to no tenant/],
    ['select from users where tenant_id = $1 union all select from users', NO_TENANT],
    ['with l as (select * from licenses) select from users where tenant_id = $1', /^licenses is bound to no tenant/],
    ['select from users u join licenses l on l.tenant_id = $2 where u.tenant_id = $1', /are of different tenants/],
    ['select from users u join licenses l on l.tenant_id = $2 where u.tenant_id = $1', /different/, ONE, OTHER],
    ['select from users order by user_id for update', NO_TENANT],
    ['select from users for share', NO_TENANT],
    [
      'select (select count(*) from licenses l where l.tenant_id = u.tenant_id) from users u where tenant_id = $1 for update',
      /by correlation alone/,
    ],
    [`${USER} values (gen_random_uuid(), $1, 'a', 'A', now())`, NO_TENANT],
    [`${USER} values ($1, $2, 'a', 'A', now()), ($3, $4, 'b', 'B', now())`, NO_TENANT, ONE, ONE, OTHER, ONE],
    [`${USER} select r.id, r.id, 'a', 'A', now() from unnest($1::uuid[]) as r(id)`, NO_TENANT],
    ['update users set city = $2 where user_id = $1', NO_TENANT],
    ['update users set tenant_id = $2 where tenant_id = $1', /writes tenant_id/],
    ['delete from users where user_id = $1', NO_TENANT],
    ['delete from users using licenses l where users.tenant_id = $1 and l.user_id = users.user_id', /^licenses l/],
    ['select from users u join verified_domains d using (tenant_id) where u.tenant_id = $1', /verified_domains is not/],
    ['update users set created_at = clock_timestamp() where tenant_id = $1', /clock_timestamp in SET is volatile/],
    ['update users set user_id = gen_random_uuid() where tenant_id = $1', /gen_random_uuid in SET is volatile/],
    ["update users set city = user_id || 'x' where tenant_id = $1", /anytextcat in SET is stable and of a column/],
    ['update users set city = coalesce($2, now()::text) where tenant_id = $1', /in a choice in SET/],
    ['delete from users where tenant_id = $1 and created_at < clock_timestamp()', /clock_timestamp in WHERE/],
    ["delete from users where tenant_id = $1 and created_at + interval '1 day' < $2", /stable and of a column/],
    ['delete from users where tenant_id = $1 returning now()', /now in RETURNING is stable/],
    [
      'insert into pool_use values ($1, $2, $3, 0, 0) on conflict (tenant_id, sku_id, day) do update set day = now()',
      /now in DO UPDATE SET is stable/,
    ],
    [
      'insert into claim_counting as c values ($1, $2) on conflict (tenant_id) do update set counted_until = $2 where c.counted_until < now()',
      /now in DO UPDATE WHERE is stable/,
    ],
    [`${USER} values ($1, (select $2::uuid), 'a', 'A', now())`, /a subquery among the values/],
    [
      'with recursive r as (select 1 as n union select n + 1 from r where n < 3) delete from users using r where tenant_id = $1',
      /WITH RECURSIVE/,
    ],
    [
      'with t as (select clock_timestamp() as t) update users set created_at = t.t from t where tenant_id = $1',
      /clock_timestamp in a CTE/,
    ],
    [
      'merge into users u using licenses l on l.tenant_id = u.tenant_id and u.tenant_id = $1 when matched then delete',
      /MERGE/,
    ],
  ] as const) {
    it(`finds the fault of: ${text}${values.length > 0 ? ` (${values.join()})` : ''}`, async () => {
      const faults = await faultsOf(text, values.length > 0 ? values : undefined);
      assert.match(faults.join('\n'), fault, JSON.stringify(faults));
    });
  }

  it('knows every table, and fails for one that nobody has classified', async () => {
    assert.ok(tables.kinds.size > 25);
    await client.query('create table a_new_one (tenant_id uuid primary key)');
    await assert.rejects(
      readTableKinds(client),
      /a_new_one is neither in DISTRIBUTED_TABLES nor in COORDINATOR_TABLES/,
    );
    await client.query('drop table a_new_one');
  });
});
