import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { parse } from 'csv-parse/sync';
import { startTestServer, type TestServer } from '../harness/server.ts';
import { assertRefused, worldOf, type World } from '../harness/world.ts';

const PATH = '/reports/autoClaim';
const HOUR_MS = 3_600_000;
const ms = (moment: string, more: number) => new Date(Date.parse(moment) + more).toISOString();

describe('the report', () => {
  let server: TestServer;
  let world: World;
  before(async () => {
    server = await startTestServer();
    world = worldOf(server);
  });
  after(() => server.close());

  /** The claims of a query by page, CSV and summary, which must agree to the row; newest first. */
  async function claimIds(query: string, of = world): Promise<string[]> {
    const rows: any[] = [];
    for (let path: string | undefined = `${PATH}?$top=2&${query}`; path;) {
      const page: any = await of.get(path);
      rows.push(...page.value);
      path = page['@odata.nextLink']?.replace(`${server.config.baseUrl}/v1.0`, '');
    }
    const csv = await of.call('GET', `${PATH}?$format=csv&${query}`);
    assert.equal(csv.status, 200);
    const lines: Record<string, string>[] = parse(csv.body, { columns: true });
    assert.deepEqual(
      lines,
      rows.map((row) => ({ ...row, isBackup: String(row.isBackup) })),
    );
    const summary = await of.get(`${PATH}/summary?${query}`);
    assert.equal(summary.totalClaims, rows.length);
    const counts = new Map<string, number>();
    for (const { claimedDateTime, skuId } of rows) {
      const key = `${claimedDateTime.slice(0, 10)} ${skuId}`;
      counts.set(key, (counts.get(key) ?? 0) + 1);
    }
    assert.deepEqual(new Map(summary.claims.map((one: any) => [`${one.date} ${one.skuId}`, one.count])), counts);
    return rows.map((row) => row.claimId);
  }

  it('has a row for each claim, as API.md says', async () => {
    const product = await world.addProduct({ TEAMS1: {} });
    const backup = await world.addProduct(
      { TEAMS1: { id: product.plans['TEAMS1']! } },
      { displayName: 'Die zweite Wahl' },
    );
    await world.buy(backup, 5);
    const app = await world.addApp([product.plans['TEAMS1']!], 'Teams');
    const policy = await world.addPolicy(app, [product, backup], { displayName: 'Teams for everyone' });
    const user = await world.addUser({ display_name: 'Ada Lovelace' });
    await world.turnAutoClaim(true);
    const claim = await world.signIn(app, user);
    const { value, ...rest } = await world.get(PATH);
    assert.deepEqual(rest, { '@odata.context': `${server.config.baseUrl}/v1.0/$metadata#reports/autoClaim` });
    assert.deepEqual(value, [
      {
        claimId: claim.claimId,
        claimedDateTime: claim.createdDateTime,
        userId: user.id,
        userPrincipalName: user.userPrincipalName,
        userDisplayName: 'Ada Lovelace',
        policyId: policy.id,
        policyDisplayName: 'Teams for everyone',
        appId: app.appId,
        appDisplayName: 'Teams',
        skuId: backup.skuId,
        skuPartNumber: backup.skuPartNumber,
        productDisplayName: 'Die zweite Wahl',
        isBackup: true,
      },
    ]);
    assert.deepEqual(await claimIds(''), [claim.claimId]);
  });

  it('has the names of today, and those of the day of the claim where the thing is gone', async () => {
    const product = await world.addProduct({ X: {} });
    await world.buy(product, 5);
    const app = await world.addApp([product.plans['X']!], 'App then');
    const policy = await world.addPolicy(app, [product], { displayName: 'Policy then' });
    const user = await world.addUser({ display_name: 'User then' });
    const { claimId } = await world.signIn(app, user);
    const names = async () => {
      const [row] = (await world.get(`${PATH}?$filter=claimId eq '${claimId}'`)).value;
      return [
        row.userDisplayName,
        row.policyDisplayName,
        row.appDisplayName,
        row.productDisplayName,
        row.skuPartNumber,
      ];
    };
    await world.patch(`/users/${user.id}`, { displayName: 'User now' });
    await world.patch(`/policies/autoClaimPolicies/${policy.id}`, { displayName: 'Policy now' });
    await world.patch(`/applications/${app.id}`, { displayName: 'App now' });
    await world.patch(`/admin/products/${product.skuId}`, { displayName: 'Product now', skuPartNumber: 'NOW' });
    assert.deepEqual(await names(), ['User now', 'Policy now', 'App now', 'Product now', 'NOW']);
    await world.remove(`/users/${user.id}`);
    await world.remove(`/policies/autoClaimPolicies/${policy.id}`);
    await world.remove(`/applications/${app.id}`);
    assert.deepEqual(await names(), ['User then', 'Policy then', 'App then', 'Product now', 'NOW']);
  });

  it('is from ≤ time < to, to the millisecond, by page, CSV and summary alike', async () => {
    const of = worldOf(server, await server.createTenant());
    const [from, to] = ['2026-03-01T00:00:00.000Z', '2026-03-02T10:00:00.500Z'];
    const sku = randomUUID();
    const put = (at: string) => of.putClaim(at, { sku });
    const [early, first, second, , last, at, late] = [
      await put(ms(from, -1)),
      await put(from),
      await put(ms(from, 1)),
      await put(ms(to, -2)),
      await put(ms(to, -1)),
      await put(to),
      await put(ms(to, 1)),
    ];
    const inside = await claimIds(`from=${from}&to=${to}`, of);
    assert.equal(inside.length, 4);
    assert.deepEqual([inside[0], inside.at(-2), inside.at(-1)], [last, second, first]);
    assert.deepEqual(await claimIds(`from=${ms(from, -1)}&to=${ms(from, 1)}`, of), [first, early]);
    assert.deepEqual(await claimIds(`from=${to}`, of), [late, at]);
    assert.deepEqual(await claimIds(`from=${ms(to, 2)}`, of), []);
    const zoned = `from=${encodeURIComponent('2026-03-01T02:00:00.001+02:00')}&to=2026-03-01T00:00:00.002Z`;
    assert.deepEqual(await claimIds(zoned, of), [second]);
    assert.equal((await claimIds('from=0001-01-01T00:00:00Z&to=9999-12-31T23:59:59Z', of)).length, 7);
  });

  for (const [period, days] of [
    ['D1', 1],
    ['D7', 7],
    ['D30', 30],
    ['D90', 90],
  ] as const) {
    it(`of ${period} has the claims of the ${days} × 24 hours before now`, async () => {
      const of = worldOf(server, await server.createTenant());
      const start = await of.value<Date>(
        `select date_trunc('milliseconds', clock_timestamp()) - $2 * interval '24 hours' from tenants where tenant_id = $1`,
        days,
      );
      await of.putClaim(new Date(start.getTime() - 1));
      const inside = await of.putClaim(new Date(start.getTime() + HOUR_MS));
      const recent = await of.putClaim(new Date(start.getTime() + days * 24 * HOUR_MS - 1));
      const query = period === 'D90' ? '' : `period=${period}`;
      assert.deepEqual(await claimIds(query, of), [recent, inside]);
    });
  }

  it('loses a claim as the time goes on, a day after it at D1', async () => {
    const of = worldOf(server, await server.createTenant());
    const now = await of.value<Date>('select clock_timestamp() from tenants where tenant_id = $1');
    const leaving = await of.putClaim(new Date(now.getTime() - 24 * HOUR_MS + 1_500));
    const count = async () => (await of.get(`${PATH}?period=D1`)).value.length;
    assert.equal(await count(), 1, leaving);
    await new Promise((resolve) => setTimeout(resolve, now.getTime() + 1_510 - Date.now()));
    assert.equal(await count(), 0);
  });

  it('has days in UTC in its summary, and refusals by reason beside the claims', async () => {
    const of = worldOf(server, await server.createTenant());
    const [one, two] = [randomUUID(), randomUUID()];
    for (const [at, sku, part] of [
      ['2026-03-28T23:59:59.999Z', one, 'ONE'],
      ['2026-03-29T00:00:00.000Z', one, 'ONE'],
      ['2026-03-29T01:30:00.000Z', two, 'TWO'],
      ['2026-03-29T23:59:59.999Z', one, 'ONE'],
      ['2026-03-30T00:00:00.000Z', one, 'ONE'],
    ] as const) {
      await of.putClaim(at, { sku, part, product: `Product ${part}` });
    }
    for (const [at, reason, times] of [
      ['2026-03-29T12:00:00Z', 'noSeats', 3],
      ['2026-03-29T12:00:00Z', 'userBlocked', 1],
      ['2026-03-31T00:00:00Z', 'noSeats', 5],
    ] as const) {
      await server.db.pool.query(
        `insert into sign_ins (tenant_id, sign_in_id, decided_at, app_id, outcome, reason)
         select $1, gen_random_uuid(), $2, gen_random_uuid(), 'refused', $3 from generate_series(1, $4)`,
        [of.tenantId, at, reason, times],
      );
    }
    const { '@odata.context': _, ...summary } = await of.get(
      `${PATH}/summary?from=2026-03-28T00:00:00Z&to=2026-03-31T00:00:00Z`,
    );
    const counted = (date: string, skuId: string, part: string, count: number) => ({
      date,
      skuId,
      skuPartNumber: part,
      productDisplayName: `Product ${part}`,
      count,
    });
    assert.deepEqual(summary, {
      from: '2026-03-28T00:00:00.000Z',
      to: '2026-03-31T00:00:00.000Z',
      claims: [
        counted('2026-03-28', one, 'ONE', 1),
        counted('2026-03-29', one, 'ONE', 2),
        counted('2026-03-29', two, 'TWO', 1),
        counted('2026-03-30', one, 'ONE', 1),
      ],
      refusals: [
        { reason: 'noSeats', count: 3 },
        { reason: 'userBlocked', count: 1 },
      ],
      totalClaims: 5,
      totalRefusals: 4,
    });
  });

  it('counts a refusal at once, and by user and app where it is filtered', async () => {
    const of = worldOf(server, await server.createTenant());
    const app = await of.addApp([]);
    const user = await of.addUser();
    await of.signIn(app, user);
    await of.signIn({ appId: randomUUID() }, user);
    const total = async (filter: string) => (await of.get(`${PATH}/summary?${filter}`)).totalRefusals;
    assert.equal(await total(''), 2);
    assert.equal(await total(`$filter=appId eq '${app.appId}'`), 1);
    assert.equal(await total(`$filter=userId eq '${user.id}' and appId ne '${app.appId}'`), 1);
    assert.equal(await total(`$filter=policyId eq '${randomUUID()}'`), 0);
  });

  it('is filtered by policy, app, product and user, alone and together', async () => {
    const of = worldOf(server, await server.createTenant());
    const [policy, app, sku, user] = [randomUUID(), randomUUID(), randomUUID(), randomUUID()];
    const at = ms(new Date().toISOString(), -HOUR_MS);
    const all = await of.putClaim(at, { policy, app, sku, user });
    const byPolicy = await of.putClaim(ms(at, 1), { policy });
    const byApp = await of.putClaim(ms(at, 2), { app, isBackup: true });
    const bySku = await of.putClaim(ms(at, 3), { sku });
    const byUser = await of.putClaim(ms(at, 4), { user });
    for (const [filter, wanted] of [
      [`policyId eq '${policy}'`, [byPolicy, all]],
      [`policyId eq ${policy.toUpperCase()}`, [byPolicy, all]],
      [`appId eq '${app}'`, [byApp, all]],
      [`skuId eq '${sku}'`, [bySku, all]],
      [`userId eq '${user}'`, [byUser, all]],
      [`userId eq '${user}' and skuId eq '${sku}'`, [all]],
      [`policyId in ('${policy}','${randomUUID()}') and not (userId eq '${user}')`, [byPolicy]],
      [`userId eq '${randomUUID()}'`, []],
    ] as const) {
      assert.deepEqual(await claimIds(`$filter=${encodeURIComponent(filter)}`, of), wanted, filter);
    }
  });

  it('keeps its pages and its period while claims arrive: no row twice, none left out', async () => {
    const of = worldOf(server, await server.createTenant());
    const start = Date.now() - HOUR_MS;
    const wanted = [];
    // Five at the same millisecond among them, as a batch makes them.
    for (let n = 0; n < 12; n += 1) wanted.unshift(await of.putClaim(new Date(start + (n < 7 ? n : 7) * 1_000)));
    const seen: string[] = [];
    let link = `${PATH}?period=D1&$top=3&$count=true`;
    for (let pages = 0; link; pages += 1) {
      const page: any = await of.get(link);
      assert.equal(page['@odata.count'], 12 + pages, 'which counts what there is now');
      seen.push(...page.value.map((row: any) => row.claimId));
      await of.putClaim(new Date());
      link = page['@odata.nextLink']?.replace(`${server.config.baseUrl}/v1.0`, '');
      if (link) assert.match(link, /[?&]from=/);
    }
    assert.deepEqual(seen.toSorted(), wanted.toSorted());
    assert.equal(new Set(seen).size, 12);
  });

  for (const [query, text] of [
    ['period=D2', /^period: must be one of D1, D7, D30, D90/],
    ['period=', /^period: /],
    ['period=constructor', /^period: /],
    ['period=D7&from=2026-01-01T00:00:00Z', /^period: goes without from and to/],
    ['to=2026-01-01T00:00:00Z', /^from: is missing/],
    ['from=2026-01-01', /^from: must be a date and time/],
    ['from=2026-02-30T00:00:00Z', /^from: must be a date and time/],
    ['from=2026-01-01T00:00:00+01:00', /^from: must be a date and time/],
    ['from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z', /^to: must not be before from/],
    ['from=2026-01-01T00:00:00Z&from=2026-01-01T00:00:00Z', /^from is given twice/],
    ['from=2026-01-01T00:00:00Z&to=x', /^to: must be a date and time/],
    ['Period=D7', /Period/],
    ['$filter=policyId eq 1', /policyId needs a GUID/],
    ['$filter=nothing eq 1', /unknown property nothing/],
    ['$filter=', /./],
  ] as const) {
    it(`is refused with ${query}, as page, CSV and summary`, async () => {
      const escaped = query.replaceAll(' ', '%20');
      assertRefused(await world.call('GET', `${PATH}?${escaped}`), 400, text);
      assertRefused(await world.call('GET', `${PATH}?$format=csv&${escaped}`), 400, text);
      assertRefused(await world.call('GET', `${PATH}/summary?${escaped}`), 400, text);
    });
  }

  it('is refused with a $format or option that is none, naming it', async () => {
    assertRefused(await world.call('GET', `${PATH}?$format=xml`), 400, /^\$format must be csv or json/);
    assertRefused(await world.call('GET', `${PATH}?$format=`), 400, /^\$format/);
    assertRefused(await world.call('GET', `${PATH}?$orderby=userId`), 400, /userId can not be sorted by/);
    assertRefused(await world.call('GET', `${PATH}?$search="x"`), 400, /\$search/);
    assertRefused(await world.call('GET', `${PATH}/summary?$top=1`), 400, /\$top/);
    assertRefused(await world.call('GET', `${PATH}/summary?$format=csv`), 400, /\$format/);
    assertRefused(await world.call('GET', `${PATH}?$skiptoken=abc`), 400, /\$skiptoken/);
  });

  it('is one tenant’s alone, and needs Reports.Read.All', async () => {
    const of = worldOf(server, await server.createTenant());
    assert.deepEqual(await claimIds('from=2000-01-01T00:00:00Z', of), []);
    for (const path of [PATH, `${PATH}/summary`]) {
      assert.equal((await server.request('GET', `/v1.0${path}`, { permissions: ['Reports.Read.All'] })).status, 200);
      for (const permission of ['AuditLog.Read.All', 'AutoClaimPolicy.ReadWrite.All'] as const) {
        assert.equal((await server.request('GET', `/v1.0${path}`, { permissions: [permission] })).status, 403);
      }
    }
  });
});
