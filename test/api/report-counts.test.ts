import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { countClaims, countClaimsOfAll } from '../../src/engine/report/count-claims.ts';
import { SYSTEM } from '../../src/engine/tenant/tenant.ts';
import { startTestServer, type TestServer } from '../harness/server.ts';
import { worldOf, type World } from '../harness/world.ts';

const HOUR_MS = 3_600_000;
/** Of the list alone: a summary's filter is of its refusals, too. */
const BACKUP = `skuId ne ${randomUUID()} and isBackup eq true`;
const at = (moment: number) => new Date(moment).toISOString();

describe('claims that are counted by the hour', () => {
  let server: TestServer;
  before(async () => {
    server = await startTestServer();
  });
  after(() => server.close());

  const count = (world: World) =>
    countClaims({ db: server.db, tenantId: world.tenantId, actor: SYSTEM, correlationId: null });
  const newWorld = async () => worldOf(server, await server.createTenant());
  const countedIn = (world: World) =>
    world.value('select coalesce(sum(claims), 0)::int from counted_claims where tenant_id = $1');

  /** Claims around the hours of some days, up to now: each of a few policies, apps and products. */
  async function furnish(world: World) {
    const thisHour = Math.floor(Date.now() / HOUR_MS) * HOUR_MS;
    const [policies, apps, skus] = [2, 2, 3].map((length) => Array.from({ length }, () => randomUUID()));
    let turn = 0;
    for (const hours of [0, 1, 2, 3, 4, 5, 26, 27, 50, 75, 76, 300]) {
      for (const more of [-1, 0, 1, HOUR_MS / 2]) {
        const moment = Math.min(thisHour - hours * HOUR_MS + more, Date.now());
        turn += 1;
        const part = `PART${turn % 3}`;
        await world.putClaim(at(moment), {
          policy: policies![turn % 2]!,
          app: apps![(turn >> 1) % 2]!,
          sku: skus![turn % 3]!,
          part,
          isBackup: turn % 5 === 0,
          name: turn % 2 === 0 ? 'one@contoso.example' : 'two@contoso.example',
          product: `Product ${part}`,
        });
      }
    }
    return { thisHour, claims: turn, filters: filtersOf(policies!, apps!, skus!) };
  }

  function filtersOf([policy]: string[], [app]: string[], [sku, other]: string[]): (string | undefined)[] {
    return [
      undefined,
      `policyId eq ${policy}`,
      `APPID eq ${app} and not (skuId in (${sku},${other}))`,
      `skuId ne ${sku}`,
      BACKUP,
      `startswith(userPrincipalName,'one') and policyId eq ${policy}`,
    ];
  }

  /** All sums of the report, of periods that begin and end within hours and between them. */
  async function sums(world: World, { thisHour, filters }: Awaited<ReturnType<typeof furnish>>) {
    const periods = ['period=D1', 'period=D90'];
    for (const [from, to] of [
      [400, -1],
      [76, 3],
      [75.5, 2.5],
      [27, 26],
      [50, 50],
      [5.2, 5.1],
      [3, 0],
    ] as const) {
      for (const [more, less] of [
        [0, 0],
        [1, -1],
        [-1, 1],
      ] as const) {
        periods.push(
          `from=${at(thisHour - from * HOUR_MS + Math.min(more, 0))}&to=${at(thisHour - to * HOUR_MS + Math.max(less, 0))}`,
        );
        periods.push(`from=${at(thisHour - from * HOUR_MS - 1)}&to=${at(thisHour - to * HOUR_MS + 1)}`);
      }
    }
    const found: Record<string, unknown> = {};
    for (const period of new Set(periods)) {
      for (const filter of filters) {
        const query = filter === undefined ? period : `${period}&$filter=${encodeURIComponent(filter)}`;
        const page = await world.get(`/reports/autoClaim?$count=true&$top=999&${query}`);
        assert.equal(page['@odata.count'], page.value.length, query);
        found[query] = page['@odata.count'];
        if (filter === BACKUP) continue;
        const { claims, totalClaims } = await world.get(`/reports/autoClaim/summary?${query}`);
        assert.equal(totalClaims, page.value.length, query);
        found[query] = claims;
      }
    }
    return found;
  }

  it('give the same sums as the claims themselves, for every period and filter', async () => {
    const world = await newWorld();
    const furnished = await furnish(world);
    const before = await sums(world, furnished);
    assert.equal(await countedIn(world), 0);
    await count(world);
    const counted = await countedIn(world);
    assert.ok(counted > furnished.claims / 2 && counted < furnished.claims, `${counted} of ${furnished.claims}`);
    assert.deepEqual(await sums(world, furnished), before);
  });

  it('are what the sums are made of, once they are counted', async () => {
    const world = await newWorld();
    await furnish(world);
    await count(world);
    const total = async () => (await world.get('/reports/autoClaim/summary')).totalClaims as number;
    const before = await total();
    await server.db.pool.query('update counted_claims set claims = claims + 1 where tenant_id = $1', [world.tenantId]);
    assert.ok((await total()) > before);
  });

  it('are counted once, however often and by how many at once; later ones are added', async () => {
    const world = await newWorld();
    const { thisHour } = await furnish(world);
    await Promise.all([count(world), count(world), countClaimsOfAll(server.db)]);
    const counted = await countedIn(world);
    const total = async () => (await world.get('/reports/autoClaim/summary')).totalClaims as number;
    const before = await total();
    await count(world);
    assert.equal(await countedIn(world), counted);
    assert.equal(await total(), before);
    await world.putClaim(at(thisHour - HOUR_MS));
    assert.equal(await total(), before + 1);
  });

  it('have the product’s name of today, and that of the day of the claim where it is gone', async () => {
    const world = await newWorld();
    const product = await world.addProduct({ X: {} }, { displayName: 'Then' });
    const gone = randomUUID();
    const day = Date.now() - 48 * HOUR_MS;
    await world.putClaim(at(day), { sku: product.skuId, part: 'THEN', product: 'Then' });
    await world.putClaim(at(day), { sku: gone, part: 'GONE', product: 'Gone' });
    await count(world);
    await world.patch(`/admin/products/${product.skuId}`, { displayName: 'Now', skuPartNumber: 'NOW' });
    const { claims } = await world.get('/reports/autoClaim/summary');
    assert.deepEqual(
      claims.map((one: any) => [one.skuId, one.skuPartNumber, one.productDisplayName, one.count]),
      [
        [gone, 'GONE', 'Gone', 1],
        [product.skuId, 'NOW', 'Now', 1],
      ],
    );
  });

  it('are another tenant’s alone', async () => {
    const [one, other] = [await newWorld(), await newWorld()];
    await furnish(one);
    await countClaimsOfAll(server.db);
    assert.ok((await countedIn(one)) > 0);
    assert.equal((await other.get('/reports/autoClaim/summary')).totalClaims, 0);
    assert.equal((await other.get('/reports/autoClaim?$count=true'))['@odata.count'], 0);
  });
});
