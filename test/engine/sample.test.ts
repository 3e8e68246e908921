import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { parse } from 'csv-parse/sync';
import { ensureFirstTenant } from '../../src/engine/tenant/create-tenant.ts';
import { CONTOSO, furnishContoso, loadSample } from '../../src/sample/contoso.ts';
import { PRODUCTS, skuOf } from '../../src/sample/products.ts';
import { createTestDatabase, type TestDatabase } from '../harness/database.ts';

const TABLE = fileURLToPath(new URL('../../../shared/data/licensing-service-plan-reference.csv', import.meta.url));

describe('the sample organisation', () => {
  let db: TestDatabase;
  before(async () => {
    db = await createTestDatabase();
    const begin = performance.now();
    await loadSample(db);
    console.log(`# sample loaded in ${Math.round(performance.now() - begin)} ms`);
  });
  after(() => db.close());

  async function one(statement: string, database = db): Promise<Record<string, unknown>> {
    const { rows } = await database.pool.query<Record<string, unknown>>(statement);
    assert.equal(rows.length, 1);
    return rows[0]!;
  }

  async function dump(database: TestDatabase): Promise<unknown> {
    return one(
      `select (select json_agg(x order by x) from (select user_id, user_principal_name, display_name, usage_location, department from users) x) as users,
              (select json_agg(x order by x) from (select group_id, user_id from group_users) x) as members,
              (select json_agg(x order by x) from (select app_id, client_id, required_service_plan_ids from apps) x) as apps,
              (select json_agg(x order by x) from (select sku_id, enabled, warning, suspended, consumed from pools) x) as pools,
              (select json_agg(x order by x) from (select user_id, sku_id, disabled_plans from assignment_paths) x) as paths`,
      database,
    );
  }

  it('is Contoso, with auto-claim off and no policy', async () => {
    assert.deepEqual(
      await one(
        `select display_name, default_domain, country_letter_code, is_auto_claim_enabled, (select count(*) from policies) as policies
           from tenants`,
      ),
      {
        display_name: 'Contoso',
        default_domain: 'contoso.example',
        country_letter_code: 'US',
        is_auto_claim_enabled: false,
        policies: 0,
      },
    );
  });

  it('has 250 people: some guests, some blocked, some without a usage location, each with a name of their own', async () => {
    const { domains, ...counts } = await one(
      `select count(*) as people, count(distinct lower(user_principal_name)) as names,
              count(*) filter (where user_type = 'Guest') as guests,
              count(*) filter (where not is_account_enabled) as blocked,
              count(*) filter (where usage_location is null and user_type = 'Member') as nowhere,
              count(*) filter (where user_principal_name = 'admin@contoso.example') as administrators,
              array_agg(distinct split_part(user_principal_name, '@', 2)) as domains
         from users`,
    );
    assert.deepEqual(counts, { people: 250, names: 250, guests: 10, blocked: 5, nowhere: 14, administrators: 1 });
    assert.deepEqual(domains, ['contoso.example']);
  });

  it('has groups within groups', async () => {
    const { groups, direct, nested } = await one(
      `with recursive company as (
         select group_id from groups where display_name = 'Company'
         union select member_group_id from group_groups join company using (group_id))
       select (select count(*) from groups) as groups,
              (select count(*) from group_users join groups using (group_id) where display_name = 'Company') as direct,
              (select count(distinct user_id) from group_users join company using (group_id)) as nested`,
    );
    assert.deepEqual([groups, direct, nested], [13, 0, 240]);
  });

  it('has four apps, each with two products or more to claim from and people who lack it', async () => {
    const { rows } = await db.pool.query<{ display_name: string; products: number; free: number; lacking: number }>(
      `select a.display_name,
              (select count(distinct o.sku_id) from pools o join product_plans x using (tenant_id, sku_id)
                where o.is_usable and x.service_plan_id = any(a.required_service_plan_ids)) as products,
              (select sum(o.enabled + o.warning - o.consumed) from pools o
                where o.is_usable and exists (select from product_plans x where x.tenant_id = o.tenant_id and x.sku_id = o.sku_id
                                                 and x.service_plan_id = any(a.required_service_plan_ids))) as free,
              (select count(*) from users u where u.user_type = 'Member' and not exists (
                select from assignment_paths p join product_plans x using (tenant_id, sku_id)
                 where p.user_id = u.user_id and x.service_plan_id = any(a.required_service_plan_ids)
                   and x.service_plan_id <> all(p.disabled_plans))) as lacking
         from apps a order by a.display_name`,
    );
    assert.deepEqual(
      rows.map((row) => row.display_name),
      ['Microsoft Teams', 'Power Apps', 'Sample app', 'Visio'],
    );
    for (const { display_name, products, free, lacking } of rows) {
      assert.ok(products >= 2 && free > 0 && lacking > 10, `${display_name}: ${products}, ${free}, ${lacking}`);
    }
  });

  it('has pools with room, one nearly used up, one full, one in its warning and one suspended', async () => {
    const pool = (partNumber: string) =>
      one(`select is_usable, enabled, warning, suspended, consumed from pools where sku_id = '${skuOf(partNumber)}'`);
    const usable = { is_usable: true, warning: 0, suspended: 0 };
    assert.deepEqual(await pool('SPE_E3'), { ...usable, enabled: 130, consumed: 118 });
    assert.deepEqual(await pool('POWERAPPS_PER_USER'), { ...usable, enabled: 20, consumed: 18 });
    assert.deepEqual(await pool('VISIOCLIENT'), { ...usable, enabled: 15, consumed: 15 });
    assert.deepEqual(await pool('PROJECTPROFESSIONAL'), {
      is_usable: true,
      enabled: 0,
      warning: 10,
      suspended: 0,
      consumed: 8,
    });
    assert.deepEqual(await pool('PROJECTPREMIUM'), {
      is_usable: false,
      enabled: 0,
      warning: 0,
      suspended: 5,
      consumed: 3,
    });
  });

  it('counts in each pool the licenses that are held, all assigned by hand to people with a usage location', async () => {
    const { rows } = await db.pool.query(
      `select o.sku_id from pools o
        where o.consumed <> (select count(*) from licenses l where l.sku_id = o.sku_id)
           or o.consumed <> (select count(*) from assignment_paths p where p.sku_id = o.sku_id and p.kind = 'direct')`,
    );
    assert.deepEqual(rows, []);
    assert.deepEqual(
      await one(`select count(*) > 200 as many, bool_and(usage_location is not null) as located
                   from assignment_paths join users using (tenant_id, user_id)`),
      { many: true, located: true },
    );
  });

  it('gives nobody plans that exclude each other, or lack what they depend on', async () => {
    const { rows } = await db.pool.query<{ held: string[]; needed: string[]; excluded: string[] }>(
      `select array_agg(x.service_plan_id) as held,
              array_agg(distinct d) filter (where d is not null) as needed,
              array_agg(distinct c) filter (where c is not null) as excluded
         from assignment_paths p join product_plans x using (tenant_id, sku_id)
         left join unnest(x.depends_on) d on true left join unnest(x.conflicts_with) c on true
        where x.service_plan_id <> all(p.disabled_plans)
        group by p.user_id`,
    );
    assert.ok(rows.length > 150 && rows.some(({ needed }) => needed) && rows.some(({ excluded }) => excluded));
    for (const { held, needed, excluded } of rows) {
      assert.deepEqual(
        (needed ?? []).filter((id) => !held.includes(id)),
        [],
      );
      assert.deepEqual(
        (excluded ?? []).filter((id) => held.includes(id)),
        [],
      );
    }
  });

  it('is the same on every installation, but for the tenant', async () => {
    const other = await createTestDatabase();
    try {
      await loadSample(other);
      assert.deepEqual(await dump(other), await dump(db));
    } finally {
      await other.close();
    }
  });

  it('is loaded once, by servers that start together and by those that start later', async () => {
    const other = await createTestDatabase();
    try {
      const [first, second] = await Promise.all([loadSample(other), loadSample(other)]);
      assert.equal(first, second);
      assert.equal(await loadSample(other), first);
      assert.deepEqual(await dump(other), await dump(db));
    } finally {
      await other.close();
    }
  });

  it('leaves nothing behind where it breaks off, and is then loaded whole', async () => {
    const other = await createTestDatabase();
    try {
      const broken = ensureFirstTenant(other, { name: 'Contoso', ...CONTOSO }, async (tx) => {
        await furnishContoso(tx);
        throw new Error('the power went out');
      });
      await assert.rejects(broken, /power/);
      assert.deepEqual(
        await one('select (select count(*) from tenants) + (select count(*) from client_ids) as n', other),
        { n: 0 },
      );
      await loadSample(other);
      assert.deepEqual(await dump(other), await dump(db));
    } finally {
      await other.close();
    }
  });

  it('leaves a database with a tenant as it is', async () => {
    const other = await createTestDatabase();
    try {
      const tenantId = await ensureFirstTenant(other, { name: 'Fabrikam', defaultDomain: 'fabrikam.example' });
      assert.equal(await loadSample(other), tenantId);
      assert.deepEqual(await one('select (select count(*) from users) + (select count(*) from products) as n', other), {
        n: 0,
      });
    } finally {
      await other.close();
    }
  });

  it(
    'names products and plans by the ids and names of Microsoft’s own table',
    { skip: !existsSync(TABLE) && `${TABLE} is not here` },
    () => {
      const clean = (text: string) => text.replaceAll('\u00a0', ' ').trim();
      const inTable = new Set(
        parse(readFileSync(TABLE)).flatMap((cells) => {
          const [name, part, sku, plan, planId] = cells.map(clean);
          return [`${sku} ${part} ${name}`, `${sku} ${planId} ${plan}`];
        }),
      );
      const ours = PRODUCTS.flatMap(({ skuId, skuPartNumber, displayName, servicePlans }) => [
        `${skuId} ${skuPartNumber} ${displayName}`,
        ...servicePlans.map((plan) => `${skuId} ${plan.servicePlanId} ${plan.servicePlanName}`),
      ]);
      assert.ok(ours.length > 400, String(ours.length));
      assert.deepEqual(
        ours.filter((line) => !inTable.has(line)),
        [],
      );
    },
  );
});
